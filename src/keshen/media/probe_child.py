"""What is in a media file, as JSON: run confined, since it reads what strangers sent. `python probe_child.py PATH`."""

from __future__ import annotations

import json
import sys

import av

from keshen.media.ffmpeg import DEMUXERS

PROTOCOLS = "file"


def _rate(stream: av.VideoStream) -> str:
    """Frames a second as a fraction; empty where the file does not say, or its frames come at changing times."""
    mean, least = stream.average_rate, stream.guessed_rate
    if not mean or not least or abs(float(mean) - float(least)) > float(least) / 1000:
        return ""
    return f"{least.numerator}/{least.denominator}"


def look(path: str) -> dict[str, object]:
    """Streams and length of the file. Raises av.FFmpegError when it cannot be read."""
    options = {"protocol_whitelist": PROTOCOLS, "format_whitelist": ",".join(DEMUXERS)}
    with av.open(f"file:{path}", options=options) as container:
        video = [
            stream for stream in container.streams.video if not stream.disposition & av.stream.Disposition.attached_pic
        ]
        audio = list(container.streams.audio)
        wanted = (video or audio)[:1]
        if not wanted:
            sys.exit("there is neither picture nor sound in it")
        first = next(container.decode(wanted[0]), None)
        if first is None:
            sys.exit("nothing in it can be decoded")
        lengths = [float(container.duration or 0) / av.time_base]
        lengths += [
            float(stream.duration * stream.time_base) for stream in wanted if stream.duration and stream.time_base
        ]
        return {
            "container": container.format.name,
            "seconds": max(lengths),
            "width": video[0].width if video else 0,
            "height": video[0].height if video else 0,
            "video": video[0].codec_context.name if video else "",
            "audio": audio[0].codec_context.name if audio else "",
            "rate": _rate(video[0]) if video else "",
        }


if __name__ == "__main__":
    try:
        print(json.dumps(look(sys.argv[1])))  # noqa: T201  the answer
    except av.FFmpegError as error:
        sys.exit(str(error.strerror or error))
