"""Furnish an empty test house: the people, editions and services the screens need. Run as a program of its own."""

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from keshen.house.models import Desk, Edition, Organisation, Service, User  # noqa: E402
from keshen.newsroom import actions  # noqa: E402
from keshen.newsroom.body import from_paragraphs  # noqa: E402
from keshen.newsroom.content import Content  # noqa: E402
from keshen.wire import actions as wire  # noqa: E402
from keshen.wire.intake import ruling, sourcing  # noqa: E402
from keshen.wire.intake.channels import Message  # noqa: E402
from keshen.wire.intake.receive import receive  # noqa: E402
from tests.wire.sources import Entry, entries, feed  # noqa: E402

PASSWORD = "keshen-demo-2026"
ROLES = ("reporter", "translator", "editor", "chief", "operator", "admin")
EDITIONS = (
    ("kk", "kk", "Cyrl", "ltr", None),
    ("kk-Latn", "kk", "Latn", "ltr", "kk"),
    ("kk-Arab", "kk", "Arab", "rtl", "kk"),
    ("ru", "ru", "Cyrl", "ltr", None),
    ("en", "en", "Latn", "ltr", None),
    ("ar", "ar", "Arab", "rtl", None),
)

call_command("migrate", verbosity=0)
house = Organisation.objects.create(slug="house", kind="house", name={"en": "The house"})
partner = Organisation.objects.create(slug="partner", kind="partner", name={"en": "A partner"})
if not User.objects.filter(is_system=True).exists():
    User.objects.create(username="system", organisation=house, is_system=True, roles=["system"])
desk = Desk.objects.create(organisation=house, slug="culture", name={"en": "Culture", "kk": "Мәдениет"})
for owner, prefix in ((house, ""), (partner, "partner-")):
    for role in ROLES if owner == house else ("editor",):
        person = User(
            username=prefix + role, organisation=owner, roles=[role], title={}, interface_language="en", desk=desk
        )
        person.set_password(PASSWORD)
        person.save()
made = {}
for position, (tag, language, script, direction, source) in enumerate(EDITIONS):
    made[tag] = Edition.objects.create(
        tag=tag, language=language, script=script, direction=direction, name={"en": tag}, position=position,
        derived_from=made.get(source), is_default=tag == "kk",
    )  # fmt: skip
for position, (slug, kind) in enumerate(
    (("jibek-joly", "tv"), ("jibek-joly-radio", "radio"), ("kazinform", "web"), ("kazinform", "wire"))
):
    Service.objects.create(
        organisation=house,
        slug=slug,
        kind=kind,
        name={"en": slug},
        accent="#12a5a0",
        languages=["kk"],
        position=position,
    )
editor = User.objects.select_related("organisation").get(username="editor")
chief = User.objects.select_related("organisation").get(username="chief")
nature = Desk.objects.create(organisation=house, slug="nature", name={"en": "Nature", "kk": "Табиғат"})
admin = User.objects.select_related("organisation").get(username="admin")
wire.add_subscriber(admin, "First", wire.add_product(admin, "all", {"en": "Everything"}), "ninjs")
agency, _key = sourcing.add_source(chief, "Дала агенттігі", "push", slug="dala", restrictions=["Credit: Dala"])
ruling.keep(chief, ruling.drafted("Saigas", {"words": ["киік"], "languages": ["kk"]}, "route", nature))
ruling.keep(chief, ruling.drafted("The rest", {"sources": ["dala"]}, "route", desk))
receive(agency, Message("feed.rss", feed(*entries(), Entry("bad", "", "")).encode()))
for headline, paragraph in (
    ("Қобыз үні", "Қобыз — екі ішекті ысқышты аспап."),
    ("Каспий теңізі", "Каспий — әлемдегі ең үлкен көл."),
):
    text = actions.create_story(
        editor, language="kk", content=Content(headline=headline, slugline="даля", body=from_paragraphs([paragraph]))
    )
    actions.submit(editor, text)
    actions.publish(editor, text)
