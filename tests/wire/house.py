"""A small house with a wire: two people, the agency's service, an open product, and stories to send."""

from __future__ import annotations

from dataclasses import dataclass

from keshen.house.models import Edition, Organisation, Service, User
from keshen.newsroom import actions as newsroom
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content
from keshen.newsroom.models import Story, Text
from keshen.wire import actions
from keshen.wire.models import Product, Subscriber


@dataclass
class House:
    """Who acts and what there is."""

    editor: User
    chief: User
    system: User
    product: Product

    def write(
        self, headline: str = "Ақбөкендер көшті", *, restrictions: tuple[str, ...] = (), language: str = "kk"
    ) -> Text:
        """A story's source text, not yet published."""
        content = Content(
            headline=headline,
            body=bodies.from_paragraphs(["Бірінші абзац.", "Екінші абзац."]),
            slugline="saiga",
            topics=("medtop:06000000",),
            restrictions=restrictions,
        )
        return newsroom.create_story(self.editor, language=language, content=content)

    def publish(self, headline: str = "Ақбөкендер көшті", **more: object) -> Text:
        """A story published and put out on the wire."""
        text = self.write(headline, **more)  # type: ignore[arg-type]
        version = newsroom.publish(self.editor, text)
        actions.put_out(self.editor, version.pk)
        text.refresh_from_db()
        return text

    def correct(self, text: Text, headline: str) -> None:
        from dataclasses import replace

        text.refresh_from_db()
        newsroom.save_draft(self.editor, text, replace(text.working, headline=headline), text.draft_revision)
        version = newsroom.correct(self.editor, text, "Сан түзетілді")
        actions.put_out(self.editor, version.pk)
        text.refresh_from_db()

    def kill(self, story: Story) -> None:
        newsroom.kill(self.editor, story, "Қате мәлімет")
        actions.send_kill(self.editor, story.pk)

    def client(self, name: str, url: str = "", form: str = "ninjs") -> Subscriber:
        return actions.add_subscriber(self.chief, name, self.product, form, url)[0]


def furnish() -> House:
    complex_ = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен", "en": "Complex"})
    kazakh = Edition.objects.create(tag="kk", language="kk", script="Cyrl", is_default=True)
    Edition.objects.create(tag="kk-Arab", language="kk", script="Arab", direction="rtl", derived_from=kazakh)
    Service.objects.create(
        organisation=complex_,
        slug="kazinform",
        kind="wire",
        accent="#0a6ebd",
        name={"kk": "Kazinform"},
        languages=["kk"],
    )
    system = User.objects.create(username="system", organisation=complex_, roles=["system"], is_system=True)
    editor = User.objects.create(username="editor", organisation=complex_, roles=["editor"])
    chief = User.objects.create(username="chief", organisation=complex_, roles=["chief"])
    product = actions.add_product(chief, "all", {"kk": "Барлық жаңалық", "en": "All news"}, is_open=True)
    return House(editor, chief, system, product)
