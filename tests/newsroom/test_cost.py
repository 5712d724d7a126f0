"""What it costs to let a story out: how often each step asks the database, whatever the number of editions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshen.house import jobs
from keshen.house.models import Edition, Event, Job, Organisation, Service, User
from keshen.newsroom import actions
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content
from keshen.newsroom.models import Publication
from keshen.rights.models import Decision
from keshen.wire import actions as wire

MOST = {"publish": 23, "site.put_out": 27, "wire.put_out": 34}
"""Statements a story, the transaction's own included: half of what it took before, and a little room."""
KAZAKH = (("kk", "Cyrl"), ("kk-Latn", "Latn"), ("kk-Arab", "Arab"))


@pytest.fixture
def chief(db: None) -> User:
    house = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен"})
    chief = User.objects.create(username="system", organisation=house, roles=["chief", "system"], is_system=True)
    source = None
    for tag, script in KAZAKH:
        made = Edition.objects.create(
            tag=tag, language="kk", script=script, is_default=tag == "kk", derived_from=source
        )
        source = source or made
    for slug, kind in (("kazinform", "wire"), ("kazinform", "web"), ("tv", "tv"), ("radio", "radio")):
        Service.objects.create(organisation=house, slug=slug, kind=kind, accent="#0a6ebd", languages=["kk"])
    wire.add_product(chief, "all", {"en": "All"}, is_open=True)
    return chief


def _asked(run: object) -> int:
    assert callable(run)
    with CaptureQueriesContext(connection) as asked:
        run()
    return len(asked)


def test_a_story_goes_out_in_few_statements(chief: User) -> None:
    text = actions.create_story(
        chief, language="kk", content=Content(headline="Ақбөкен көшті", body=bodies.from_paragraphs(["Бір.", "Екі."]))
    )
    asked = {"publish": _asked(lambda: actions.publish(chief, text))}
    for name in list(MOST)[1:]:
        waiting = list(Job.objects.filter(name=name).order_by("pk").values_list("pk", flat=True))[:1]
        asked[name] = _asked(lambda waiting=waiting: [jobs.perform(pk) for pk in waiting])
        assert Job.objects.get(pk=waiting[0]).state == Job.State.DONE
    assert {name: count for name, count in asked.items() if count > MOST[name]} == {}
    # fewer statements, and every law kept: a publication a form, an event each, every decision stored
    out = Publication.objects.filter(version=text.story.texts.get().published)
    assert sorted(out.filter(outlet="site").values_list("edition__tag", flat=True)) == ["kk", "kk-Arab", "kk-Latn"]
    assert Event.objects.filter(kind="publication.made").count() == out.count() == 4
    exits = list(Decision.objects.filter(subjects=[text.story.urn]).values_list("use__exit", flat=True))
    assert exits.count("site") == 1 and exits.count("wire") == 1
