"""Duplicates, updates, rewinds and withdrawals of a sender, and items for which the newsroom has no place."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from keshen.house.models import Edition, Event
from keshen.media.models import Asset
from keshen.newsroom import actions
from keshen.newsroom import body as bodies
from keshen.newsroom.ingest import Held, Noted, Outcome, Taken, take
from keshen.newsroom.models import Kept, Original, Quarantine, Story
from keshen.rights.queries import terms_of

pytestmark = pytest.mark.django_db


def ninjs(version: str, words: str, **more: Any) -> bytes:
    item = {
        "uri": "urn:newsml:sender.example:20261123:17",
        "type": "text",
        "version": version,
        "versioncreated": f"2026-11-23T0{version}:00:00Z",
        "language": "kk",
        "headline": "Балқаш көлінің деңгейі көтерілді",
        "body_text": words,
        **more,
    }
    return json.dumps(item).encode()


FIRST = "Көл деңгейі биыл он сантиметрге көтерілді, деп хабарлады ғалымдар."
SECOND = "Көл деңгейі биыл жиырма сантиметрге көтерілді, деп түзетті ғалымдар."


def one(actor, name: str, data: bytes) -> Taken:
    [result] = take(actor, name, data)
    assert isinstance(result, Taken), result
    return result


def words_of(taken: Taken) -> list[str]:
    return bodies.paragraphs(taken.text.working.body)


def test_a_new_version_becomes_the_working_copy(people) -> None:
    first = one(people.editor, "1.json", ninjs("1", FIRST))
    second = one(people.editor, "2.json", ninjs("2", SECOND))
    assert second.outcome is Outcome.UPDATED and second.text.story_id == first.text.story_id
    assert words_of(second) == [SECOND]
    assert second.text.versions.count() == 2 and Story.objects.count() == 1
    assert Original.objects.count() == 2
    assert Event.objects.filter(kind="story.updated_by_sender").exists()


def test_a_feed_that_rewinds_or_repeats_changes_nothing(people) -> None:
    one(people.editor, "1.json", ninjs("1", FIRST))
    one(people.editor, "2.json", ninjs("2", SECOND))
    again = one(people.editor, "1.json", ninjs("1", FIRST + " "))
    assert again.outcome is Outcome.KNOWN and words_of(again) == [SECOND]
    assert one(people.editor, "2.json", ninjs("2", SECOND, urgency=3)).outcome is Outcome.KNOWN
    assert Original.objects.count() == 2


def test_a_sender_who_changes_his_name_for_it_is_recognised_by_the_words(people) -> None:
    first = one(people.editor, "1.json", ninjs("1", FIRST))
    renamed = one(people.editor, "2.json", ninjs("1", FIRST, uri="urn:newsml:sender.example:20261124:99"))
    assert renamed.outcome is Outcome.KNOWN and renamed.text.story_id == first.text.story_id


def test_what_was_edited_here_is_never_overwritten(people) -> None:
    first = one(people.editor, "1.json", ninjs("1", FIRST))
    edited = replace(first.text.working, headline="Балқаштың суы көбейді")
    actions.save_draft(people.editor, first.text, edited, first.text.draft_revision)
    second = one(people.editor, "2.json", ninjs("2", SECOND))
    assert second.outcome is Outcome.UPDATE_WAITS
    second.text.refresh_from_db()
    assert second.text.working.headline == "Балқаштың суы көбейді"
    assert Original.objects.get(waits=True).sender_version == "2"


def test_what_is_about_to_be_approved_is_not_changed_under_the_editors_eyes(people) -> None:
    first = one(people.editor, "1.json", ninjs("1", FIRST))
    actions.submit(people.editor, first.text)
    assert one(people.editor, "2.json", ninjs("2", SECOND)).outcome is Outcome.UPDATE_WAITS


def test_an_update_of_a_published_story_waits_for_the_correction(people, outlet) -> None:
    first = one(people.editor, "1.json", ninjs("1", FIRST))
    published = actions.publish(people.editor, first.text)
    second = one(people.editor, "2.json", ninjs("2", SECOND))
    assert second.outcome is Outcome.UPDATED and second.text.published_id == published.pk
    assert outlet.told == [("publish", published.pk)]
    actions.correct(people.editor, second.text, "Түзетілді")
    assert outlet.told[-1][0] == "correct"


def test_a_withdrawal_stops_the_story_and_is_said_once(people) -> None:
    first = one(people.editor, "1.json", ninjs("1", FIRST))
    for attempt in ("3", "4"):
        data = ninjs(attempt, "", pubstatus="canceled", ednote="Do not use: the figures are wrong.")
        result = one(people.editor, f"{attempt}.json", data)
    assert result.outcome is Outcome.KNOWN
    [terms] = terms_of([first.text.story.urn])
    assert not terms.clear and "Withdrawn by the sender" in terms.wording
    assert Event.objects.filter(kind="story.withdrawn_by_sender").count() == 1


def test_a_withdrawal_of_what_the_house_never_had_is_kept(people) -> None:
    [result] = take(people.editor, "kill.json", ninjs("2", "", pubstatus="canceled"))
    assert isinstance(result, Noted) and not Story.objects.exists()


def test_withheld_is_a_restriction_that_stops(people) -> None:
    taken = one(people.editor, "1.json", ninjs("1", FIRST, pubstatus="withheld"))
    assert taken.text.working.restrictions == ("Withheld by the sender",)
    assert not any(terms.clear for terms in terms_of([taken.text.story.urn]))


def test_two_texts_of_one_story_are_two(people) -> None:
    Edition.objects.create(tag="ru", language="ru", script="Cyrl")
    names = {"story": "urn:newsml:sender.example:20261123:story-5"}
    one(people.editor, "1.json", ninjs("1", FIRST, altids=names))
    russian = ninjs("1", "Уровень озера в этом году вырос на десять сантиметров, сообщили учёные.",
                    uri="urn:newsml:sender.example:20261123:18", language="ru", altids=names,
                    headline="Уровень Балхаша вырос")  # fmt: skip
    assert one(people.editor, "2.json", russian).outcome is Outcome.TAKEN


def test_a_number_of_another_feed_is_another_story(people) -> None:
    def feed(title: str, words: str) -> bytes:
        return f"""<rss version="2.0"><channel><title>{title}</title><item><guid>17</guid><title>{words[:30]}</title>
        <description>{words}</description></item></channel></rss>""".encode()

    one(people.editor, "a.rss", feed("Бірінші арна", FIRST))
    assert one(people.editor, "b.rss", feed("Екінші арна", SECOND)).outcome is Outcome.TAKEN
    assert one(people.editor, "c.rss", feed("Бірінші арна", FIRST + " Жаңа сөз.")).outcome is Outcome.UPDATED


PLANNING = """<planningItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:s.example:20261123:p1"
 version="1" xml:lang="ru"><itemMeta><itemClass qcode="plinat:newscoverage"/><provider literal="S"/>
 <versionCreated>2026-11-23T09:00:00+05:00</versionCreated></itemMeta><contentMeta>
 <headline>Заседание правительства</headline></contentMeta><newsCoverageSet><newsCoverage id="c1"><planning>
 <g2contentType>image/jpeg</g2contentType><scheduled>2026-11-24T12:00:00+05:00</scheduled></planning></newsCoverage>
 </newsCoverageSet></planningItem>"""


def test_a_planning_item_is_kept_with_what_was_understood(people) -> None:
    [result] = take(people.editor, "plan.xml", PLANNING.encode())
    assert isinstance(result, Noted) and not result.known and result.kept.kind == "planning"
    assert result.kept.understood["coverages"][0]["due"] == "2026-11-24T12:00:00+05:00"
    assert result.to_json()["outcome"] == "kept" and "planning" in result.warnings[0]
    [again] = take(people.editor, "again.xml", PLANNING.replace("\n", "\n ").encode())
    assert isinstance(again, Noted) and again.known and Kept.objects.count() == 1
    assert not Quarantine.objects.exists() and Event.objects.filter(kind="item.kept").count() == 1


def test_lines_too_long_are_shortened_and_cost_nothing(people) -> None:
    taken = one(people.editor, "1.json", ninjs("1", FIRST, headline="Ақ бөкен " * 60, slugline="s" * 900))
    assert len(taken.text.working.headline) <= 300 and taken.text.working.headline.endswith("…")


def test_one_bad_item_of_a_message_costs_no_other(people) -> None:
    items = [json.loads(ninjs("1", FIRST)), {"type": "text"}, 7, json.loads(ninjs("1", SECOND, uri="urn:x:2"))]
    results = take(people.editor, "list.json", json.dumps(items).encode())
    assert [type(result) for result in results] == [Taken, Held, Held, Taken]


def test_a_picture_becomes_an_asset_with_its_terms(people) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "Saiga antelopes cross the road in the steppe. ", "D. Omarov"
    target = io.BytesIO()
    Image.new("RGB", (80, 60), "tan").save(target, "JPEG", exif=exif)
    restricted = target.getvalue()
    block = b"\x1c\x02\x28\x00\x09JAPAN OUT"
    segment = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + len(block).to_bytes(4, "big") + block
    restricted = restricted[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + restricted[2:]
    [result] = take(people.editor, "saiga.jpg", restricted)
    assert isinstance(result, Noted) and result.kept.kind == "picture"
    asset = Asset.objects.get(urn=result.kept.asset)
    assert asset.credit == "D. Omarov" and asset.title.startswith("Saiga antelopes")
    [terms] = terms_of([asset.urn])
    assert terms.clear and terms.policy["territories_denied"] == ["JP"]
    [again] = take(people.editor, "other.jpg", restricted)
    assert isinstance(again, Noted) and again.known and Asset.objects.count() == 1
