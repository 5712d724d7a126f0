"""A small house with a site: six editions, channels, people, and stories told in them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from unittest import mock

from django.utils import timezone
from PIL import Image

from keshen.house import jobs
from keshen.house.models import Edition, Job, Organisation, Service, Territory, User
from keshen.house.urns import urn
from keshen.media.models import Asset, Rendition
from keshen.media.store import house_store
from keshen.newsroom import actions
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content, Picture
from keshen.newsroom.models import Story, Text

EDITIONS = [
    ("kk", "kk", "Cyrl", "ltr", "Қазақша", None),
    ("kk-Latn", "kk", "Latn", "ltr", "Qazaqşa", "kk"),
    ("kk-Arab", "kk", "Arab", "rtl", "قازاقشا", "kk"),
    ("ru", "ru", "Cyrl", "ltr", "Русский", None),
    ("en", "en", "Latn", "ltr", "English", None),
    ("ar", "ar", "Arab", "rtl", "العربية", None),
]
SERVICES = [
    ("kazinform", "web", "#0a6ebd", {"kk": "Қазинформ", "ru": "Казинформ", "en": "Kazinform", "ar": "كازينفورم"}),
    ("jibek-joly", "tv", "#0fb5ae", {"kk": "Жібек жолы", "ru": "Жибек жолы", "en": "Jibek Joly", "ar": "جيبيك جولي"}),
    ("silk-way", "tv", "#c99a2e", {"kk": "Silk Way", "en": "Silk Way"}),
    (
        "jibek-joly-radio",
        "radio",
        "#0fb5ae",
        {"kk": "Жібек жолы радиосы", "ru": "Радио Жибек жолы", "en": "Jibek Joly radio"},
    ),
]


@dataclass
class House:
    """Who and what is in it; `publish` and `work` do what the newsroom and a worker do."""

    organisation: Organisation
    editor: User
    editions: dict[str, Edition]

    def story(self, *, topics: tuple[str, ...] = ("medtop:13000000",), urgency: int = 5,
              restrictions: tuple[str, ...] = (),
              pictures: tuple[Picture, ...] = (), **texts: tuple[str, str]) -> Story:  # fmt: skip
        """A published story: a headline and a body for each language, the first being the source."""
        made: Text | None = None
        for language, (headline, words) in texts.items():
            content = Content(
                headline=headline, body=bodies.from_paragraphs(words.split("\n\n")), topics=topics, urgency=urgency,
                restrictions=restrictions, pictures=pictures, byline="Kazinform" if language == "en" else "",
                dateline="АСТАНА. KAZINFORM —" if language == "kk" else "",
            )  # fmt: skip
            if made is None:
                made = actions.create_story(
                    self.editor, language=language, content=content, organisation=self.organisation
                )
                text = made
            else:
                text = actions.add_text(self.editor, made.story, language, content)
            actions.publish(self.editor, text)
        self.work()
        assert made is not None
        return made.story

    def work(self) -> None:
        """Run what waits of the site's jobs."""
        for job in Job.objects.filter(state=Job.State.WAITING, name__startswith="site.").order_by("id"):
            with mock.patch.object(jobs, "close_old_connections"):  # the test's transaction lives on this one
                jobs.run(job_id=job.pk)
            job.refresh_from_db()
            assert job.state == Job.State.DONE, job.reason + job.tail

    def picture(
        self, name: str = "steppe", *, alt: dict[str, str] | None = None, drawn: Callable[[], bytes] | None = None
    ) -> Asset:
        """A ready picture in two widths: plain, or as drawn (PNG)."""
        asset = Asset.objects.create(
            urn=urn("asset", name, timezone.now()), key=name, organisation=self.organisation, kind="picture",
            state="ready",
            title=name, credit="Кешен", alt=alt or {"kk": "Таңғы дала", "en": "The steppe at dawn"},
            created_by=self.editor,
        )  # fmt: skip
        for width in (480, 960):
            file = io.BytesIO()
            size = (width, width * 9 // 16)
            image = (
                Image.open(io.BytesIO(drawn())).convert("RGB").resize(size)
                if drawn
                else Image.new("RGB", size, "#7a9a66")
            )
            image.save(file, "WEBP")
            Rendition.objects.create(
                asset=asset, width=width, height=width * 9 // 16, media_type="image/webp",
                sha256=house_store().put(file.getvalue()), size=len(file.getvalue()),
            )  # fmt: skip
        return asset


def furnish() -> House:
    organisation = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен", "en": "The Complex"})
    User.objects.create(username="system", organisation=organisation, roles=["system"], is_system=True)
    editor = User.objects.create(
        username="editor", organisation=organisation, roles=["editor", "chief"],
        title={"kk": "Редактор", "ru": "Редактор", "en": "Editor", "ar": "محرر"},
    )  # fmt: skip
    editions: dict[str, Edition] = {}
    for position, (tag, language, script, direction, name, source) in enumerate(EDITIONS):
        editions[tag] = Edition.objects.create(
            tag=tag, language=language, script=script, direction=direction, name={tag: name}, position=position,
            derived_from=editions.get(source or ""), is_default=tag == "kk",
        )  # fmt: skip
    world = Territory.objects.get_or_create(code="WORLD", defaults={"name": {"en": "World"}})[0]
    for position, (slug, kind, accent, names) in enumerate(SERVICES):
        service = Service.objects.create(
            organisation=organisation, slug=slug, kind=kind, accent=accent, name=names, position=position,
            languages=["kk", "ru"],
        )  # fmt: skip
        service.territories.add(world)
    return House(organisation, editor, editions)
