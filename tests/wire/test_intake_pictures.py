"""Pictures that items name: fetched within limits, kept with credit and terms, handed to the story."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from PIL import Image

from keshen.house import jobs
from keshen.house.models import Job
from keshen.media.models import Asset
from keshen.newsroom import ingest
from keshen.rights.models import Terms
from keshen.wire.intake import pictures, sourcing, triage
from keshen.wire.intake.channels import Message
from keshen.wire.intake.models import IncomingItem, Source
from keshen.wire.intake.receive import receive
from tests.wire.house import House
from tests.wire.sources import WORDS, Web, web


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as made:
        yield made


@pytest.fixture
def source(house: House) -> Source:
    return sourcing.add_source(house.chief, "Дала", "push", slug="dala", restrictions=["Credit: Dala"])[0]


def jpeg(width: int = 800) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, width // 2), "teal").save(made, "JPEG")
    return made.getvalue()


def bring(source: Source, *hrefs: str) -> IncomingItem:
    picture = {
        f"p{number}": {"type": "picture", "headline": f"Сурет {number}", "renditions": {"main": {"href": href}}}
        for number, href in enumerate(hrefs)
    }
    item = {"uri": "tag:dala,1", "headline": "Ақбөкендер", "language": "kk", "body_text": WORDS["ақбөкен"]}
    [received] = receive(source, Message("a.json", json.dumps(item | {"associations": picture}).encode()))
    assert received.item is not None
    return received.item


def run(item: IncomingItem) -> Job:
    job = Job.objects.get(key=f"{pictures.JOB}:{item.pk}")
    jobs.perform(job.pk)
    job.refresh_from_db()
    item.refresh_from_db()
    return job


def test_pictures_become_assets_with_credit_and_terms_and_go_with_the_story(
    house: House, source: Source, server: Web
) -> None:
    server.says(jpeg(), Content_Type="image/jpeg")
    item = bring(source, f"{server.url}/one")
    assert run(item).state == "done"
    asset = Asset.objects.get()
    assert (asset.title, asset.state, asset.credit) == ("Сурет 0", "ready", item.credit)
    assert Terms.objects.get(subject=asset.urn).wording == "Credit: Dala"
    text = triage.take(house.editor, item)
    assert [picture.asset for picture in text.working.pictures] == [asset.urn]


def test_pictures_that_come_after_the_taking_are_handed_over(house: House, source: Source, server: Web) -> None:
    server.says(jpeg(), Content_Type="image/jpeg")
    item = bring(source, f"{server.url}/one.jpg", f"{server.url}/two.jpg")
    text = triage.take(house.editor, item)
    assert text.working.pictures == ()
    run(item)
    text.refresh_from_db()
    assert len(text.working.pictures) == 1  # the same bytes are one asset


@pytest.mark.parametrize(
    ("body", "status"), [(b"<html>no picture</html>", 200), (b"", 404), (jpeg()[:300], 200)], ids=["html", "404", "cut"]
)
def test_what_is_no_picture_costs_nothing_but_itself(source: Source, server: Web, body: bytes, status: int) -> None:
    good = jpeg()
    server.answer = lambda request: (
        (200, {"Content-Type": "image/jpeg"}, good) if request.path == "/good" else (status, {}, body)
    )
    item = bring(source, f"{server.url}/bad.jpg", f"{server.url}/good")
    job = run(item)
    while job.state == "waiting":
        job = run(item)
    assert job.state == "failed" and "1" in job.reason
    assert [bool(picture.get("asset")) for picture in item.pictures] == [False, True]
    assert item.state == "new" and Asset.objects.count() == 1


def test_addresses_inside_are_refused(source: Source, server: Web, settings) -> None:
    item = bring(source, f"{server.url}/one.jpg", "file:///etc/passwd")
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    job = run(item)
    assert job.state == "failed" and "not a public address" in job.reason
    assert not server.asked and not Asset.objects.exists()


def test_no_more_than_ten_are_fetched(source: Source, server: Web) -> None:
    server.says(jpeg(), Content_Type="image/jpeg")
    item = bring(source, *(f"{server.url}/{number}.jpg" for number in range(14)))
    run(item)
    assert len(server.asked) == pictures.MOST


def test_pictures_of_a_file_that_somebody_brought_go_with_its_story(house: House, server: Web) -> None:
    server.says(jpeg(), Content_Type="image/jpeg")
    renditions = {"m": {"href": f"{server.url}/ice.jpg"}}
    item = {
        "uri": "tag:dala,7", "version": "1", "headline": "Балқаштағы мұз", "language": "kk",
        "body_text": WORDS["ақбөкен"], "usageterms": "No Use in Japan", "creditline": "Dala",
        "associations": {"p": {"type": "picture", "headline": "Мұз", "renditions": renditions}},
    }  # fmt: skip
    [taken] = ingest.take(house.editor, "ice.json", json.dumps(item).encode())
    text = taken.text  # type: ignore[union-attr]
    job = Job.objects.get(key__startswith=f"{pictures.STORY_JOB}:")
    jobs.perform(job.pk)
    text.refresh_from_db()
    [shown] = text.working.pictures
    asset = Asset.objects.get(urn=shown.asset)
    assert asset.title == "Мұз" and Terms.objects.filter(subject=asset.urn, wording="No Use in Japan").exists()
    again = {**item, "version": "2", "body_text": WORDS["ақбөкен"] + " Жаңа сөйлем қосылды."}
    [updated] = ingest.take(house.editor, "ice2.json", json.dumps(again).encode())
    assert updated.outcome == "updated"  # type: ignore[union-attr]
    jobs.perform(Job.objects.filter(key__startswith=f"{pictures.STORY_JOB}:").latest("pk").pk)
    text.refresh_from_db()
    assert [each.asset for each in text.working.pictures] == [asset.urn]
