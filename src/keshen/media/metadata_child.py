"""What a picture, sound or film says of itself, as JSON: run confined, since it reads what strangers sent.

`python metadata_child.py PATH`. IIM values are printed as Latin-1 characters, byte for byte;
whoever asked decodes them.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree
from PIL import ExifTags, Image, TiffImagePlugin

MOST_PIXELS = 400_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF")
SCANNED = 64 << 20
"""Bytes of a film in which an XMP packet is looked for."""
MOST_VALUES = 2_000
MOST_CHARACTERS = 20_000
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xmp/1.0/DynamicMedia/": "xmpDM",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
}


def main(path: Path) -> dict[str, Any]:
    """Everything found, raw."""
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    opened = _picture(path)
    if opened is None:
        return film(path)
    with opened as picture:
        return {
            "kind": "picture",
            "media_type": Image.MIME.get(picture.format or "", ""),
            "width": picture.width,
            "height": picture.height,
            "exif": exif(picture),
            "iim": iim(_iim_bytes(picture)),
            "xmp": xmp(_xmp_bytes(picture, path)),
        }


def _picture(path: Path) -> Image.Image | None:
    try:
        return Image.open(path, formats=FORMATS)
    except (OSError, ValueError, SyntaxError):  # no picture that Pillow knows: perhaps a film or sound
        return None


def exif(picture: Image.Image) -> dict[str, str]:
    """The tags that say something about the picture, by their EXIF names."""
    found: dict[str, str] = {}
    tags = picture.getexif()
    wanted = (ExifTags.Base.ImageDescription, ExifTags.Base.Artist, ExifTags.Base.Copyright, ExifTags.Base.DateTime)
    inner = (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal, ExifTags.Base.UserComment)
    for source, names in ((tags, wanted), (tags.get_ifd(ExifTags.IFD.Exif), inner)):
        for tag in names:
            value = source.get(tag)
            if isinstance(value, bytes):
                value = value[8:].decode("utf-8", "replace") if value[:5] == b"ASCII" else ""
            text = str(value or "").strip("\x00 ")
            if text:
                # cameras write bytes of any encoding into fields that should be ASCII
                found[tag.name] = text[:MOST_CHARACTERS]
    return found


def _iim_bytes(picture: Image.Image) -> bytes:
    resources = picture.info.get("photoshop")
    if isinstance(resources, dict) and isinstance(resources.get(0x0404), bytes):
        return bytes(resources[0x0404])
    if isinstance(picture, TiffImagePlugin.TiffImageFile):
        value = picture.tag_v2.get(TiffImagePlugin.IPTC_NAA_CHUNK)
        if isinstance(value, bytes):
            return value
        if isinstance(value, tuple) and all(isinstance(word, int) for word in value):
            return b"".join(word.to_bytes(4, "little") for word in value)
    return b""


def iim(data: bytes) -> dict[str, list[str]]:
    """The datasets of an IIM block (version 4, 1.5): `2:105` and its values, each as Latin-1 characters."""
    found: dict[str, list[str]] = {}
    place, count = 0, 0
    while place + 5 <= len(data) and count < MOST_VALUES:
        if data[place] != 0x1C:
            place += 1
            continue
        name, length = f"{data[place + 1]}:{data[place + 2]:03d}", int.from_bytes(data[place + 3 : place + 5], "big")
        place += 5
        if length & 0x8000:
            size = length & 0x7FFF
            length = int.from_bytes(data[place : place + size], "big")
            place += size
        value = data[place : place + length]
        if len(value) < length:
            break
        found.setdefault(name, []).append(value[:MOST_CHARACTERS].decode("latin-1"))
        place += length
        count += 1
    return found


def _xmp_bytes(picture: Image.Image, path: Path) -> bytes:
    for name in ("xmp", "XML:com.adobe.xmp"):
        value = picture.info.get(name)
        if value:
            return value.encode() if isinstance(value, str) else bytes(value)
    if isinstance(picture, TiffImagePlugin.TiffImageFile):
        value = picture.tag_v2.get(700)
        if isinstance(value, bytes):
            return value
    return packet(path)


def packet(path: Path) -> bytes:
    """The XMP packet in a file of any kind, as the specification lets it be found: by its own begin and end."""
    with path.open("rb") as file:
        head = file.read(SCANNED)
        start = head.find(b"<x:xmpmeta")
        if start < 0:
            size = path.stat().st_size
            file.seek(max(0, size - (SCANNED >> 2)))
            head = file.read()
            start = head.find(b"<x:xmpmeta")
        end = head.find(b"</x:xmpmeta>", start)
        return head[start : end + 12] if 0 <= start < end else b""


def xmp(data: bytes) -> dict[str, list[list[str]]]:
    """Properties by prefixed name, each a list of language and text; what stands in a structure has its path."""
    if not data or b"<!ENTITY" in data:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root: Any = etree.fromstring(data.strip(b"\x00 \r\n"), parser)
    except etree.XMLSyntaxError:
        return {}
    found: dict[str, list[list[str]]] = {}
    if root is None:
        return found
    for description in root.iter(f"{_RDF}Description"):
        parent = description.getparent()
        if parent is None or parent.tag == f"{_RDF}RDF":
            for name, language, text in _properties(description, ""):
                values = found.setdefault(name, [])
                if len(values) < MOST_VALUES:
                    values.append([language, text[:MOST_CHARACTERS]])
    return found


def _properties(node: Any, path: str, depth: int = 0) -> Iterator[tuple[str, str, str]]:
    for key, value in node.attrib.items():
        name = _named(key)
        if name:
            yield path + name, "", value
    for child in node:
        name = _named(child.tag) if isinstance(child.tag, str) else ""
        if name and depth < 6:
            yield from _values(child, path + name, depth)


def _values(node: Any, path: str, depth: int) -> Iterator[tuple[str, str, str]]:
    resource = node.get(f"{_RDF}resource")
    if resource:
        yield path, "", resource
    elif len(node) == 0:
        if (node.text or "").strip():
            yield path, node.get(_LANG) or "", node.text.strip()
        yield from _properties(node, f"{path}/", depth + 1)
    else:
        for child in node:
            if child.tag in (f"{_RDF}Alt", f"{_RDF}Bag", f"{_RDF}Seq"):
                for item in child:
                    yield from _values(item, path, depth + 1)
            elif child.tag == f"{_RDF}Description":
                yield from _properties(child, f"{path}/", depth + 1)
        if node.get(f"{_RDF}parseType") == "Resource":
            yield from _properties(node, f"{path}/", depth + 1)


def _named(tag: str) -> str:
    """`dc:title` of a qualified name in a namespace that photo metadata uses, else nothing."""
    namespace, _closing, name = tag[1:].partition("}")
    prefix = PREFIXES.get(namespace)
    return f"{prefix}:{name}" if prefix else ""


def film(path: Path) -> dict[str, Any]:
    """A sound or film: its streams, its tags, and an XMP packet where there is one."""
    import av

    from keshen.media.ffmpeg import DEMUXERS

    options = {"protocol_whitelist": "file", "format_whitelist": ",".join(DEMUXERS)}
    with av.open(f"file:{path}", options=options) as container:
        video = [
            stream for stream in container.streams.video if not stream.disposition & av.stream.Disposition.attached_pic
        ]
        audio = list(container.streams.audio)
        if not (video or audio):
            sys.exit("there is neither picture nor sound in it")
        tags = dict(container.metadata)
        for stream in (*video[:1], *audio[:1]):
            tags = {**stream.metadata, **tags}
        name = container.format.name.split(",")[0]
        return {
            "kind": "video" if video else "audio",
            "media_type": _media_type(name, bool(video), path),
            "width": video[0].width if video else 0,
            "height": video[0].height if video else 0,
            "seconds": round(float(container.duration or 0) / av.time_base, 3),
            "tags": {key.lower(): value[:MOST_CHARACTERS] for key, value in tags.items()},
            "xmp": xmp(packet(path)),
        }


def _media_type(name: str, video: bool, path: Path) -> str:
    kinds = {"mov": "video/mp4" if video else "audio/mp4", "matroska": "video/webm", "mp3": "audio/mpeg",
             "wav": "audio/wav", "flac": "audio/flac", "ogg": "video/ogg" if video else "audio/ogg",
             "mpegts": "video/mp2t", "mxf": "application/mxf", "avi": "video/x-msvideo", "aiff": "audio/aiff",
             "mpeg": "video/mpeg", "flv": "video/x-flv", "aac": "audio/aac"}  # fmt: skip
    return kinds.get(name, "")


if __name__ == "__main__":
    try:
        print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201  the answer
    except (OSError, ValueError, SyntaxError, KeyError, Image.DecompressionBombError) as error:
        sys.exit(str(getattr(error, "strerror", None) or error))
