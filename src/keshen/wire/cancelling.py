"""Why a delivery was cancelled, in the words that are kept with it; a reader hears them in their own language."""

from __future__ import annotations

from typing import Final

from keshen.house.phrases import phrase

KILLED: Final = str(phrase("The story was killed."))
OVERTAKEN: Final = str(phrase("A newer version of the text overtook it."))
HELD: Final = str(phrase("The text is held until it is revised."))
WITHDRAWN: Final = str(phrase("It was corrected, and rights stop the correction."))
