"""eSpeak NG in a process of its own: `python -I -S espeak_child.py LIBRARY DATA`, a request as JSON on standard input.

The request: `{"voice": "kk", "parameters": {"1": 150}, "sentences": ["…"]}`. Standard output gets one line of JSON,
`{"rate": 22050, "lengths": [bytes of each sentence]}`, then the samples, signed 16-bit, in order.
"""

import ctypes
import json
import sys
from typing import Any

AUDIO_OUTPUT_SYNCHRONOUS = 2
CHARS_UTF8 = 1
POS_CHARACTER = 1
SYNTH_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main(library: str, data: str) -> None:
    request = json.load(sys.stdin)
    espeak = ctypes.CDLL(library)
    rate = espeak.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, data.encode(), 0)
    if rate <= 0:
        sys.exit("the voice did not start: its data is missing")
    spoken = bytearray()

    def hear(samples: Any, count: int, _events: int | None) -> int:
        if samples and count > 0:
            spoken.extend(ctypes.string_at(samples, count * 2))
        return 0

    callback = SYNTH_CALLBACK(hear)
    espeak.espeak_SetSynthCallback(callback)
    if espeak.espeak_SetVoiceByName(request["voice"].encode()) != 0:
        sys.exit(f"there is no voice {request['voice']}")
    for number, value in request["parameters"].items():
        espeak.espeak_SetParameter(int(number), value, 0)
    lengths, before = [], 0
    for sentence in request["sentences"]:
        text = sentence.encode()
        if espeak.espeak_Synth(text, len(text) + 1, 0, POS_CHARACTER, 0, CHARS_UTF8, None, None) != 0:
            sys.exit("the voice refused a sentence")
        espeak.espeak_Synchronize()
        lengths.append(len(spoken) - before)
        before = len(spoken)
    sys.stdout.buffer.write(json.dumps({"rate": rate, "lengths": lengths}).encode() + b"\n" + spoken)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
