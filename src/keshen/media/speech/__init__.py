"""Machine voices. An engine says sentences in a language; which engine says which is the installation's choice.

Everything here is marked as machine speech where it goes out.
"""

from keshen.media.speech.engines import (
    Clip,
    Engine,
    NoVoice,
    Paragraph,
    SpeechFailed,
    engine_for,
    engines,
    join,
    trimmed,
)

__all__ = ["Clip", "Engine", "NoVoice", "Paragraph", "SpeechFailed", "engine_for", "engines", "join", "trimmed"]
