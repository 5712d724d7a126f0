"""One story in; wire, site, radio and television out; corrected, then killed, everywhere."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.e2e.house import FREEZE_TICKS, TICK_SECONDS, WAIT_SECONDS, House, until

OWN = Path(__file__).parent / "material" / "dala-kk.txt"
REAL = Path("shared") / "real" / "kazinform-al-jazeera-kk.txt"
"""A text the agency really sent, beside the source tree where there is one (`KESHEN_E2E_STORY` names another);
else our own, written alike."""

PLACES = {
    ("wire", "kazinform", "ninjs"),
    ("wire", "kazinform", "newsml"),
    ("wire", "kazinform", "rss"),
    ("wire", "kazinform", "ninjs:first-client:kk"),
    ("site", "kazinform", "kk"),
    ("site", "kazinform", "kk-Latn"),
    ("site", "kazinform", "kk-Arab"),
    ("radio", "jibek-joly-radio", "bulletin"),
    ("television", "jibek-joly", "bulletin"),
}
LONGEST_SEGMENT_TICKS = 14
WAIT = ("--wait", "--timeout", str(WAIT_SECONDS))
FILE_NOTE = "Бақылау үшін: соңғы абзац толықтырылды."
ADDED = "Түзету: жоба келесі жылы да жалғасады."


@pytest.fixture(scope="module")
def file(repository: Path) -> Path:
    real = Path(os.environ.get("KESHEN_E2E_STORY") or repository.parent / REAL)
    return real if real.is_file() else OWN


@pytest.fixture(scope="module")
def taken(house: House, file: Path) -> dict[str, Any]:
    """What the ingest printed about the story."""
    printed = house.keshen_json("ingest", str(file), "--as", "editor", "--publish", *WAIT)
    (story,) = printed["stories"]
    return dict(story)


def table(story: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = {(row["outlet"], row["service"], row["form"]): row for row in story["outlets"]}
    assert len(rows) == len(story["outlets"]), "a row stands twice"
    return rows


def say(what: str, story: dict[str, Any]) -> None:
    print(f"\n{what}:")
    for row in story["outlets"]:
        state = f"{row['state']} {row['reason']}"
        print(f"  {row['seconds']!s:>7} s  {row['outlet']:10} {row['service']:16} {row['form']:22} {state}")


def entries(house: House, story: int, service: str) -> list[tuple[int, int, int, str]]:
    """The laid entries of a story on a service: id, start tick, end tick, digest of what is told."""
    return house.rows(
        """SELECT e.id, e.start_tick, e.end_tick, i.digest FROM air_entry e
           JOIN house_service s ON s.id = e.service_id JOIN air_item i ON i.id = e.item_id
           WHERE i.story_id = %(story)s AND s.slug = %(service)s AND e.state = 'laid' ORDER BY e.start_tick""",
        story=story,
        service=service,
    )


def now() -> int:
    return int(time.time() / TICK_SECONDS)


def segments(house: House, service: str, rung: str) -> list[tuple[int, str]]:
    """Entry and address of each segment that a channel's playlist lists."""
    text = house.get(f"/air/{service}/{rung}/index.m3u8").text
    found = re.findall(r"^(e(\d+)-\d+\.m4s)$", text, re.MULTILINE)
    return [(int(entry), f"/air/{service}/{rung}/{name}") for name, entry in found]


def newest(house: House, service: str, rung: str) -> int:
    """The entry of the last segment that a channel's playlist lists, also where a substitute is shown for it."""
    text = house.get(f"/air/{service}/{rung}/index.m3u8").text
    return int(re.findall(r"^[es](\d+)-\d+\.m4s$", text, re.MULTILINE)[-1])


def test_it_arrives_everywhere(house: House, taken: dict[str, Any]) -> None:
    say("ingest", taken)
    assert taken["outcome"] == "taken"
    assert taken["state"] == "published"
    rows = table(taken)
    assert set(rows) >= PLACES
    for place in PLACES:
        assert rows[place]["state"] == "out", rows[place]
        assert rows[place]["seconds"] is not None, rows[place]
    # the international channel carries the Kazakh words, or says why not
    silk_way = rows["television", "silk-way", "bulletin"]
    assert silk_way["state"] == "out" or silk_way["reason"], silk_way


def test_the_public_addresses_have_the_words(house: House, taken: dict[str, Any]) -> None:
    rows = table(taken)
    headline = taken["headline"]
    derived = {
        tag: house.rows(
            """SELECT payload->>'headline' FROM newsroom_publication p
               JOIN house_edition e ON e.id = p.edition_id JOIN newsroom_version v ON v.id = p.version_id
               JOIN newsroom_text t ON t.id = v.text_id
               WHERE t.story_id = %(story)s AND p.outlet = 'site' AND e.tag = %(tag)s""",
            story=taken["id"],
            tag=tag,
        )[0][0]
        for tag in ("kk", "kk-Latn", "kk-Arab")
    }
    assert derived["kk"] == headline
    assert len(set(derived.values())) == 3
    for tag, words in derived.items():
        page = etree.HTML(house.get(rows["site", "kazinform", tag]["address"]).content)
        assert "".join(page.xpath("//h1//text()")).strip() == words
        assert page.get("lang") == tag
        assert page.get("dir") == ("rtl" if tag == "kk-Arab" else "ltr")
    assert headline in house.get(rows["wire", "kazinform", "ninjs"]["address"]).json()["associations"][0]["name"]
    for form in ("newsml", "rss"):
        answer = house.get(rows["wire", "kazinform", form]["address"])
        assert headline in "".join(etree.fromstring(answer.content).itertext())
    for outlet, service in (("radio", "jibek-joly-radio"), ("television", "jibek-joly")):
        guide = etree.fromstring(house.get(rows[outlet, service, "bulletin"]["address"]).content)
        assert headline in "".join(guide.itertext()), f"the guide of {service} does not name the story"
        assert entries(house, taken["id"], service)


def test_everything_left_once(house: House, taken: dict[str, Any]) -> None:
    left_once(house, taken["id"], versions=1)


def left_once(house: House, story: int, versions: int) -> None:
    """Each version left by each exit exactly once, and no bulletin tells a story twice."""
    publications = house.rows(
        """SELECT p.outlet, count(*), count(DISTINCT (v.id, p.service_id, p.edition_id, p.form))
           FROM newsroom_publication p JOIN newsroom_version v ON v.id = p.version_id
           JOIN newsroom_text t ON t.id = v.text_id
           WHERE t.story_id = %(story)s AND v.kind <> 'kill' GROUP BY 1 ORDER BY 1""",
        story=story,
    )
    counts = {outlet: (count, distinct) for outlet, count, distinct in publications}
    assert counts == {
        "radio": (versions, versions),
        "television": (versions, versions),
        "site": (3 * versions, 3 * versions),
        "wire": (versions, versions),
    }
    deliveries = house.rows(
        """SELECT s.slug, count(*) FROM wire_delivery d JOIN wire_subscriber s ON s.id = d.subscriber_id
           WHERE d.story_id = %(story)s AND NOT d.is_kill AND d.state = 'delivered' GROUP BY 1""",
        story=story,
    )
    assert deliveries
    assert {count for _slug, count in deliveries} == {versions}, deliveries
    items = house.rows(
        "SELECT outlet, count(*) FROM air_item WHERE story_id = %(story)s GROUP BY 1 ORDER BY 1", story=story
    )
    assert items == [("radio", versions), ("television", versions)]
    twice = house.rows(
        """SELECT service_id, slot_tick, count(*) FROM air_entry e JOIN air_item i ON i.id = e.item_id
           WHERE i.story_id = %(story)s AND e.state = 'laid' GROUP BY 1, 2
           HAVING count(*) > 1 AND count(DISTINCT i.id) < count(*)""",
        story=story,
    )
    assert not twice


def test_a_second_ingest_is_recognised(house: House, taken: dict[str, Any], file: Path) -> None:
    before = house.rows("SELECT count(*) FROM newsroom_story")
    printed = house.keshen_json("ingest", str(file), "--as", "editor", "--publish", *WAIT)
    (again,) = printed["stories"]
    assert (again["outcome"], again["id"]) == ("known", taken["id"])
    assert again["warnings"]
    assert house.rows("SELECT count(*) FROM newsroom_story") == before
    left_once(house, taken["id"], versions=1)


@pytest.fixture(scope="module")
def corrected(house: House, taken: dict[str, Any], file: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    new = tmp_path_factory.mktemp("correction") / "new.txt"
    lines = file.read_text(encoding="utf-8").rstrip().splitlines()
    lines[2] = f"{lines[2]} {ADDED}"
    new.write_text("\n".join(lines) + "\n", encoding="utf-8")
    begun = now()
    story = house.keshen_json(
        "story", "correct", str(taken["id"]), "--as", "editor", "--text", str(new), "--note", FILE_NOTE, *WAIT
    )
    return story, begun


def test_a_correction_changes_it_everywhere(house: House, taken: dict[str, Any], corrected: Any) -> None:
    story, _begun = corrected
    say("correction", story)
    rows = table(story)
    assert set(rows) >= PLACES
    for place in PLACES:
        assert rows[place]["state"] == "out", rows[place]
        assert rows[place]["seconds"] is not None, rows[place]
    assert story["texts"][0]["state"] == "corrected"
    page = house.get(rows["site", "kazinform", "kk"]["address"]).text
    assert ADDED in page
    assert FILE_NOTE in page
    assert ADDED in house.get(rows["wire", "kazinform", "newsml"]["address"]).text
    assert house.get(rows["wire", "kazinform", "ninjs"]["address"]).json()["associations"][0]["version"] == "2"
    left_once(house, taken["id"], versions=2)
    for service in ("jibek-joly-radio", "jibek-joly"):
        told = entries(house, taken["id"], service)
        new = told[-1][3]
        # what is not frozen tells the new words only
        assert {digest for _id, start, _end, digest in told if start > now() + FREEZE_TICKS} == {new}
        assert house.rows(
            "SELECT state FROM air_item WHERE story_id = %(story)s AND digest = %(digest)s",
            story=taken["id"],
            digest=new,
        ) == [("ready",)]


def test_a_kill_removes_it_everywhere(house: House, taken: dict[str, Any], corrected: Any) -> None:
    story = taken["id"]
    channels = {"jibek-joly": "v360", "jibek-joly-radio": "a-kk"}

    def listed() -> list[str]:
        """Segments of the story that players are given now, on every channel; none until all air it."""
        found = []
        for service, rung in channels.items():
            ours = {entry for entry, *_rest in entries(house, story, service)}
            on_air = [address for entry, address in segments(house, service, rung) if entry in ours]
            if not on_air:
                return []
            found += on_air
        return found

    # with a bulletin of its own, so that the next one need not be waited for
    for service in channels:
        # an operator who is told that the schedule was busy tries again
        breaking = ("air", "break-in", service, "--news", "--reason", "Шұғыл хабар")
        until(lambda breaking=breaking: house.keshen(*breaking).returncode == 0, f"{service} broken into")
    addresses = until(listed, "the story on the air")
    for address in addresses:
        assert house.get(address).status_code == 200, address
    pages = {row["address"] for row in taken["outlets"] if row["outlet"] == "site"}
    assert {house.get(page).status_code for page in pages} == {200}

    killed = house.keshen_json("story", "kill", str(story), "--as", "chief", "--note", "Сынақ үшін алынды.", *WAIT)
    told = now()
    say("kill", killed)
    assert killed["killed"]
    assert {row["state"] for row in killed["outlets"]} == {"killed"}
    assert all(row["seconds"] is not None for row in killed["outlets"])

    for page in pages:
        answer = house.get(page)
        assert answer.status_code == 410
        assert 'class="notice"' in answer.text
        assert ADDED not in answer.text
    for address in addresses:
        assert house.get(address).status_code == 410, address
    rows = table(killed)
    (cancel,) = house.get(rows["wire", "kazinform", "ninjs"]["address"]).json()["associations"]
    assert cancel["pubStatus"] == "canceled"
    assert 'qcode="stat:canceled"' in house.get(rows["wire", "kazinform", "newsml"]["address"]).text
    assert taken["headline"] not in house.get(rows["wire", "kazinform", "rss"]["address"]).text
    assert taken["headline"] not in house.get("/kk/").text
    for service, rung in channels.items():
        assert taken["headline"] not in house.get(f"/air/{service}/epg.xml").text
        # nothing of it was laid beyond the horizon: the entry on air was cut at the first boundary after it
        assert all(
            end <= told + FREEZE_TICKS + LONGEST_SEGMENT_TICKS
            for _id, _start, end, _digest in entries(house, story, service)
        )
        ours = {entry for entry, *_rest in entries(house, story, service)}
        playable = [address for entry, address in segments(house, service, rung) if entry in ours]
        assert all(house.get(address).status_code == 410 for address in playable)
    # past the cut the playlists end with something else
    for service, rung in channels.items():
        ours = {entry for entry, *_rest in entries(house, story, service)}
        until(lambda ours=ours, of=(service, rung): newest(house, *of) not in ours, f"{service} playing something else")
    deliveries = house.rows(
        "SELECT count(*), count(DISTINCT subscriber_id) FROM wire_delivery WHERE story_id = %(story)s AND is_kill",
        story=story,
    )
    assert deliveries[0][0] == deliveries[0][1] > 0
    left_once(house, story, versions=2)
    shown = json.dumps(house.keshen_json("story", "show", str(story), "--as", "editor"), ensure_ascii=False)
    assert '"killed"' in shown
