"""Pictures, sounds and films: what they say of themselves in IIM, XMP, EXIF and tags becomes an item with terms."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from PIL import ExifTags, Image

from keshen.newsroom.readers import Incoming, Kind, Unreadable, format_of, read
from keshen.newsroom.readers.describe import describe
from keshen.newsroom.readers.files import read_file

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
 photoshop:Headline="Saigas cross the road" photoshop:City="Zhezkazgan" photoshop:Urgency="4"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture">
 <dc:description><rdf:Alt><rdf:li xml:lang="x-default">Saiga antelopes cross the road in the steppe.</rdf:li>
  <rdf:li xml:lang="ru">Сайгаки.</rdf:li></rdf:Alt></dc:description>
 <dc:creator><rdf:Seq><rdf:li>D. Omarov</rdf:li></rdf:Seq></dc:creator>
 <dc:subject><rdf:Bag><rdf:li>saiga</rdf:li><rdf:li>steppe</rdf:li></rdf:Bag></dc:subject>
 <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© 2026 Pix</rdf:li></rdf:Alt></dc:rights>
 <xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang="x-default">No Archiving Permitted</rdf:li></rdf:Alt></xmpRights:UsageTerms>
 <photoshop:Instructions>JAPAN OUT, CREDIT MANDATORY</photoshop:Instructions>
 <photoshop:DateCreated>2026-11-20T07:15:00+05:00</photoshop:DateCreated>
 <Iptc4xmpCore:SubjectCode><rdf:Bag><rdf:li>06000000</rdf:li></rdf:Bag></Iptc4xmpCore:SubjectCode>
 <Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">A herd on asphalt</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>
 <plus:CopyrightOwner><rdf:Seq><rdf:li><rdf:Description plus:CopyrightOwnerName="Pix Agency"/></rdf:li></rdf:Seq></plus:CopyrightOwner>
</rdf:Description></rdf:RDF></x:xmpmeta>"""  # noqa: E501


def iim(fields: Mapping[str, str], encoding: str = "utf-8") -> bytes:
    made = b"\x1c\x01\x5a\x00\x03\x1b%G" if encoding == "utf-8" else b""
    for name, text in fields.items():
        record, dataset = (int(part) for part in name.split(":"))
        value = text.encode(encoding)
        made += bytes((0x1C, record, dataset)) + len(value).to_bytes(2, "big") + value
    return made


def jpeg(*, xmp: str = "", iim_block: bytes = b"", exif: Mapping[int, Any] | None = None) -> bytes:
    tags = Image.Exif()
    inner = tags.get_ifd(ExifTags.IFD.Exif)
    for tag, value in (exif or {}).items():
        (inner if tag >= 0x9000 else tags)[tag] = value
    target = io.BytesIO()
    Image.new("RGB", (64, 48), "tan").save(target, "JPEG", exif=tags, **({"xmp": xmp.encode()} if xmp else {}))
    data = target.getvalue()
    if iim_block:
        resource = (
            b"8BIM\x04\x04\x00\x00" + len(iim_block).to_bytes(4, "big") + iim_block + b"\x00" * (len(iim_block) % 2)
        )
        segment = b"Photoshop 3.0\x00" + resource
        data = data[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + data[2:]
    return data


def one(data: bytes, name: str = "x.jpg") -> Incoming:
    [item] = read(data, name)
    assert isinstance(item, Incoming), item
    return item


def test_xmp_field_by_field() -> None:
    data = jpeg(xmp=XMP)
    assert describe(one(data)) == {
        "format": "media", "kind": "picture", "status": "usable", "language": "en",
        "headline": "Saigas cross the road", "standfirst": "Saiga antelopes cross the road in the steppe.",
        "text": ["Saiga antelopes cross the road in the steppe."], "byline": "D. Omarov", "places": ["Zhezkazgan"],
        "date": "2026-11-20T07:15:00+05:00", "created": "2026-11-20T07:15:00+05:00", "urgency": 4,
        "topics": ["medtop:06000000"], "keywords": ["saiga", "steppe"], "copyright_notice": "© 2026 Pix",
        "copyright_holder": "Pix Agency", "digital_source": "digitalCapture", "ednote": "JAPAN OUT, CREDIT MANDATORY",
        "restrictions": [
            {"wording": "No Archiving Permitted", "clear": True, "terms": {"archive": False}},
            {"wording": "JAPAN OUT, CREDIT MANDATORY", "clear": True,
             "terms": {"territories_denied": ["JP"], "credit_required": True}},
        ],
        "media": [{"caption": "Saiga antelopes cross the road in the steppe.", "alt": "A herd on asphalt",
                   "kind": "picture", "renditions": [
                       {"media_type": "image/jpeg", "width": 64, "height": 48, "size_bytes": len(data)}]}],
        "warnings": [],
    }  # fmt: skip


FIELDS = {
    "2:005": "АРАЛ-7", "2:010": "5", "2:025": "Арал", "2:040": "Только для клиентов Пикс", "2:055": "20261122",
    "2:060": "153000+0500", "2:037": "20261231", "2:080": "Д. Омаров", "2:090": "Аральск", "2:101": "Казахстан",
    "2:105": "Лодки вернулись в гавань", "2:110": "Пикс", "2:120": "Рыбаки вернулись в гавань Каратерена с уловом.",
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_iim_in_the_encodings_agencies_write(encoding: str) -> None:
    item = one(jpeg(iim_block=iim(FIELDS, encoding)))
    assert (item.headline, item.slugline, item.byline, item.credit) == (
        "Лодки вернулись в гавань", "АРАЛ-7", "Д. Омаров", "Пикс",
    )  # fmt: skip
    assert item.standfirst == "Рыбаки вернулись в гавань Каратерена с уловом." and item.language == "ru"
    assert item.created and item.created.isoformat() == "2026-11-22T15:30:00+05:00"
    assert item.restrictions == ("Только для клиентов Пикс", "Use until 2026-12-31T00:00:00+00:00")
    assert item.places == ("Аральск", "Казахстан") and item.urgency == 5
    assert bool(item.warnings) == (encoding != "utf-8")


def test_exif_alone_and_that_standards_disagree() -> None:
    exif = {
        0x010E: "A lake in the mountains near the border.",
        0x013B: "A. Nur",
        0x9003: "2026:07:01 06:30:00",
        0x9011: "+05:00",
    }
    item = one(jpeg(exif=exif))
    assert (item.standfirst or item.headline).startswith("A lake in the mountains") and item.byline == "A. Nur"
    assert item.created and item.created.isoformat() == "2026-07-01T06:30:00+05:00"
    both = one(jpeg(xmp=XMP, iim_block=iim({"2:105": "Another headline"})))
    assert both.headline == "Saigas cross the road"
    assert any("disagree about its headline" in warning for warning in both.warnings)


def test_a_picture_that_says_nothing_is_taken_and_said() -> None:
    item = one(jpeg())
    assert item.kind is Kind.PICTURE and "It says nothing of itself: give it a caption." in item.warnings


@pytest.mark.parametrize(("ending", "kind"), [("mp4", Kind.VIDEO), ("wav", Kind.AUDIO), ("mp3", Kind.AUDIO)])
def test_films_and_sounds(tmp_path: Path, ending: str, kind: Kind) -> None:
    path = tmp_path / f"a.{ending}"
    source = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=1"] if kind is Kind.VIDEO else ["-f", "lavfi", "-i", "sine=d=1"]
    tags = ["-metadata", "title=The first train leaves", "-metadata", "artist=Steppe TV", "-metadata", "copyright=2026"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *tags, str(path)]
    subprocess.run(command, check=True)
    [row] = read_file(path)
    assert row["outcome"] == "read" and row["kind"] == kind.value and row["headline"] == "The first train leaves"
    [rendition] = row["media"][0]["renditions"]
    assert 0.9 < rendition["seconds"] < 1.2 and rendition["size_bytes"] == path.stat().st_size
    assert format_of(path.read_bytes()[:8192], "unknown").name == "media"


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"\xff\xd8\xff\xe0" + b"x" * 50,
        b"\x00\x00\x00\x18ftypmp42" + bytes(300),
        b"ID3" + bytes(99),
    ],
    ids=["png", "jpeg", "mp4", "mp3"],
)
def test_what_only_looks_like_media_is_refused_with_a_remedy(data: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(data, "a.jpg")
    assert refusal.value.remedy


def test_a_packet_with_entities_is_not_read() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + XMP.replace("Saigas cross the road", "&a;")
    item = one(jpeg(xmp=bomb))
    assert item.headline == "" and "aaaa" not in str(describe(item))
