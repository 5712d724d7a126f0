"""Bad input through the door it comes by: `take`, as the command, the screens and the API call it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import translation

from keshen.house.models import Edition, Event
from keshen.media.store import house_store
from keshen.newsroom import actions
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content
from keshen.newsroom.ingest import Held, Taken, take
from keshen.newsroom.models import Original, Quarantine, Story

pytestmark = pytest.mark.django_db

TEXT = "Сарыарқада ақбөкен саны артты\n\nҒалымдар даладағы киіктерді әуеден санады.\n\nБиыл олардың саны көбейді.\n"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><rss><channel><item><title>&c;</title></item></channel></rss>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss><channel><item><title>&x;</title><description>&x;</description></item></channel></rss>"""


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.txt", b""),
        ("blank.txt", b" \n\n "),
        ("binary.txt", bytes(range(256)) * 40),
        ("program.html", b"MZ\x90\x00" + bytes(5000)),
        ("large.txt", "Тақырып\n\nМәтін. ".encode() * 2_000_000),
        ("bomb.rss", BOMB),
        ("outside.rss", OUTSIDE),
        ("broken.json", b'{"uri": "x", "headline": '),
        ("deep.json", b"[" * 100_000),
        ("broken.xml", b"<rss><channel><item><title>"),
        ("other.json", b'{"foo": 1}'),
        ("photo.jpg", b"<html><body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>"),
        ("film.mp4", b"no film"),
    ],
)
def test_what_cannot_be_read_waits_with_its_bytes_and_a_reason(people, name, data) -> None:
    before = take(people.editor, "good.txt", TEXT.encode())
    results = take(people.editor, name, data)
    assert results and all(isinstance(result, Held) for result in results)
    held = Quarantine.objects.latest("pk")
    assert held.reason and held.remedy and held.size == len(data) and held.filename == name
    assert not data or house_store().read(held.sha256) == data
    assert "root:" not in held.reason
    assert Event.objects.filter(kind="item.quarantined").exists()
    assert Story.objects.count() == 1 and isinstance(before[0], Taken)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("deep.json", b"[" * 100_000, "nested too deeply"),
        ("broken.json", b'{"uri": "x",\n "headline": ', "line 2, column 14"),
        ("other.json", b'{"foo": 1}', "neither a uri nor a headline"),
        ("photo.jpg", b"<html><body><h1>502</h1><p>nginx</p></body></html>", "what is in it is HTML"),
        ("large.txt", b"a" * (40 * 1024 * 1024 + 1), "has 41 MB; a text has at most 40"),
    ],
)
def test_the_reason_says_what_is_wrong_with_this_file(people, name, data, said) -> None:
    [held] = take(people.editor, name, data)
    assert isinstance(held, Held)
    assert said in Quarantine.objects.latest("pk").reason


def test_an_embargo_that_is_over_is_said(people) -> None:
    item = {"uri": "urn:x:1", "type": "text", "language": "kk", "headline": "Тақырып", "body_text": TEXT}
    with translation.override("en"):
        [taken] = take(people.editor, "a.json", json.dumps({**item, "embargoed": "2020-01-01T00:00:00Z"}).encode())
    assert isinstance(taken, Taken)
    assert [said for said in taken.warnings if "embargo ended on 01.01.2020 06:00" in said]
    later = {**item, "uri": "urn:x:2", "headline": "Басқа", "body_text": "Басқа.", "embargoed": "2999-01-01T00:00:00Z"}
    with translation.override("en"):
        [taken] = take(people.editor, "b.json", json.dumps(later).encode())
    assert isinstance(taken, Taken)
    assert not [said for said in taken.warnings if "embargo" in said]


def test_windows_1251_is_recognised_and_the_bytes_are_kept(people) -> None:
    russian = "Сайгаков стало больше\n\nУчёные пересчитали их с воздуха, и в этом году их стало больше, чем прежде."
    data = russian.encode("cp1251")
    [taken] = take(people.editor, "old.txt", data)
    assert isinstance(taken, Taken)
    assert (taken.text.language, taken.text.working.headline) == ("ru", "Сайгаков стало больше")
    assert house_store().read(Original.objects.get().sha256) == data


def test_scripts_do_not_come_in(people) -> None:
    page = f"""<html><body><h1>Ақбөкен</h1><script>alert(1)</script><p onclick="x()">Ғалымдар даладағы киіктерді әуеден
    санады. <a href="javascript:alert(1)">Сілтеме</a></p><iframe src="http://x"></iframe><svg onload=alert(1)></svg>
    <p>{TEXT}</p></body></html>"""
    [taken] = take(people.editor, "page.html", page.encode())
    assert isinstance(taken, Taken)
    kept = json.dumps(taken.text.draft).lower() + bodies.to_html(taken.text.working.body).lower()
    assert "alert" not in kept and "javascript" not in kept and "iframe" not in kept


def test_the_same_story_again_is_known_however_it_is_called(people) -> None:
    [first] = take(people.editor, "a.txt", TEXT.encode())
    for name, data in (("b.txt", TEXT.encode()), ("c.txt", TEXT.encode("utf-16")), ("d.txt", TEXT.upper().encode())):
        [again] = take(people.reporter, name, data)
        assert isinstance(again, Taken) and again.duplicate and again.text.story_id == first.text.story_id
        assert again.warnings
    assert Story.objects.count() == 1


def test_a_partner_does_not_learn_what_the_house_has(people) -> None:
    [ours] = take(people.editor, "a.txt", TEXT.encode())
    [theirs] = take(people.partner, "a.txt", TEXT.encode())
    assert isinstance(theirs, Taken) and not theirs.duplicate
    assert theirs.text.story_id != ours.text.story_id
    assert theirs.text.story.organisation == people.partner.organisation


@pytest.mark.django_db(transaction=True)
def test_the_same_file_from_two_at_once_is_one_story(people) -> None:
    def bring(person) -> bool:
        try:
            [result] = take(person, "a.txt", TEXT.encode())
            assert isinstance(result, Taken)
            return result.duplicate
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(bring, (people.editor, people.reporter))) == [False, True]
    assert Story.objects.count() == 1


def test_an_embargo_in_the_past_does_not_hold_anything(people, outlet) -> None:
    past = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    item = {
        "uri": "urn:test:1", "type": "text", "language": "kk", "embargoed": past,
        "headlines": [{"value": "Ақбөкен көп"}],
        "bodies": [{"role": "main", "contenttype": "text/plain", "value": TEXT}],
    }  # fmt: skip
    [taken] = take(people.editor, "item.json", json.dumps(item).encode())
    assert isinstance(taken, Taken)
    version = actions.publish(people.editor, taken.text)
    assert outlet.told == [("publish", version.pk)]


@pytest.mark.parametrize(
    "node", [{"type": "script"}, {"type": "paragraph", "content": [{"type": "marquee"}]}, {"type": 5}, "text"]
)
def test_a_body_with_an_unknown_node_is_refused_and_named(people, content, node) -> None:
    text = actions.create_story(people.editor, language="kk", content=content)
    with pytest.raises(bodies.BodyError) as refusal:
        Content.from_json({**content.to_json(), "body": {"type": "doc", "schema": 1, "content": [node]}})
    assert str(refusal.value)
    with pytest.raises(bodies.BodyError):
        actions.save_draft(people.editor, text, replace(content, body={"type": "doc", "schema": 9, "content": []}), 1)


def test_one_bad_item_of_a_feed_costs_the_others_nothing(people) -> None:
    Edition.objects.get_or_create(tag="ru", defaults={"language": "ru", "script": "Cyrl"})
    feed = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>
    <item><title></title><description></description></item>
    <item><guid>one</guid><title>Ақбөкен</title><description>{TEXT}</description></item></channel></rss>"""
    results = take(people.editor, "feed.rss", feed.encode())
    assert [type(result) for result in results] == [Held, Taken]
