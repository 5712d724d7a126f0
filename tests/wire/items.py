"""Items to try the forms with: full, corrected, killed, right-to-left and as empty as may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import Link, Picture, PubStatus, Relation, Rendition, WireItem

CREATED = datetime(2026, 3, 22, 6, 0, tzinfo=UTC)
NAME = "urn:newsml:keshen.localhost:20260322"

PICTURE = Picture(
    urn=f"{NAME}:asset-5",
    title="Дала",
    alt="Көктемгі дала",
    credit="Keshen",
    digital_source="algorithmicMedia",
    renditions=(Rendition("full", "http://localhost:8000/media/a.webp", "image/webp", 1600, 900, 120_000),),
)
FILM = Picture(
    urn=f"{NAME}:asset-6",
    title="Көш",
    credit="Keshen",
    renditions=(
        Rendition("w1280", "http://localhost:8000/wire/media/b", "video/mp4", 1280, 720, 4_000_000),
        Rendition("sound", "http://localhost:8000/wire/media/c", "audio/mp4", 0, 0, 90_000),
    ),
    kind="video",
    seconds=61.44,
)
SOUND = Picture(
    urn=f"{NAME}:asset-7",
    title="Жел",
    renditions=(Rendition("sound", "http://localhost:8000/wire/media/d", "audio/mp4", 0, 0, 70_000),),
    kind="audio",
    seconds=12.0,
)
FULL = WireItem(
    urn=f"{NAME}:text-12",
    version=1,
    version_urn=f"{NAME}:version-40",
    story_urn=f"{NAME}:story-7",
    language="kk",
    headline="Ақбөкендер көктемгі көшін бастады",
    created=CREATED,
    version_created=CREATED + timedelta(minutes=3),
    slugline="saiga-migration",
    standfirst="Бетпақдала киіктері солтүстікке бет алды.",
    paragraphs=("Бірінші абзац: «дала» & аспан.", "Екінші абзац."),
    body_html='<p>Бірінші абзац: «дала» &amp; аспан.</p><p>Екінші <a href="https://example.org/?a=1&amp;b=2">абзац</a>.<br></p>',
    byline="Қоршаған орта бөлімі",
    dateline="АСТАНА",
    topics=("06000000", "20000441"),
    keywords=("киік", "көші-қон"),
    urgency=3,
    editor_note="Суреттер бөлек жіберілді.",
    embargoed_until=CREATED + timedelta(hours=2),
    provider="Kazinform",
    credit="Kazinform",
    copyright_holder="Keshen",
    copyright_notice="© Keshen",
    usage_terms="Сілтемемен қолдануға болады.",
    web_address="http://localhost:8000/kk/2026/03/saiga-migration-7",
    pictures=(PICTURE,),
    links=(
        Link(Relation.TRANSLATED_AS, f"{NAME}:text-13", "Сайгаки двинулись на север", "ru"),
        Link(Relation.SEE_ALSO, f"{NAME}:text-2"),
    ),
    sequence=17,
)
CORRECTED = WireItem(
    urn=FULL.urn,
    version=2,
    version_urn=f"{NAME}:version-41",
    story_urn=FULL.story_urn,
    language="kk",
    headline=FULL.headline,
    created=CREATED,
    version_created=CREATED + timedelta(hours=1),
    body_html="<p>Түзетілген.</p>",
    paragraphs=("Түзетілген.",),
    correction="ТҮЗЕТУ: сан нақтыланды.",
    digital_source="algorithmicallyEnhanced",
    provider="Kazinform",
)
KILLED = WireItem(
    urn=FULL.urn,
    version=3,
    version_urn=f"{NAME}:version-42",
    story_urn=FULL.story_urn,
    language="kk",
    headline="ЖОЮ: Ақбөкендер көктемгі көшін бастады",
    created=CREATED,
    version_created=CREATED + timedelta(hours=2),
    status=PubStatus.CANCELED,
    editor_note="Материал қате болғандықтан қайтарылды.",
    body_html="<p>Бұл мәтін шықпауға тиіс.</p>",
    paragraphs=("Бұл мәтін шықпауға тиіс.",),
    provider="Kazinform",
    sequence=18,
)
ARABIC_SCRIPT = WireItem(
    urn=f"{NAME}:text-12-kk-Arab",
    version=1,
    version_urn=f"{NAME}:version-40-kk-Arab",
    story_urn=FULL.story_urn,
    language="kk-Arab",
    headline="الەم جاڭالىقتارى",
    created=CREATED,
    version_created=CREATED,
    body_html="<p>بٴىر-بٴىرىمەن، قازىر؟</p>",
    paragraphs=("بٴىر-بٴىرىمەن، قازىر؟",),
    provider="Kazinform",
)
EMPTY = WireItem(
    urn=f"{NAME}:text-1",
    version=1,
    version_urn=f"{NAME}:version-1",
    story_urn=f"{NAME}:story-1",
    language="en",
    headline="",
    created=CREATED,
    version_created=CREATED,
)
PLAYING = replace(
    FULL, urn=f"{NAME}:text-13", version_urn=f"{NAME}:version-41", pictures=(PICTURE, FILM, SOUND),
)  # fmt: skip
ALL = {"full": FULL, "corrected": CORRECTED, "killed": KILLED, "arabic": ARABIC_SCRIPT, "empty": EMPTY,
       "playing": PLAYING}  # fmt: skip
FEED = Feed(
    "http://localhost:8000/wire/all.json", "Kazinform", "kk", CREATED, 18, "http://localhost:8000/", "Kazinform"
)

_words = st.text(max_size=40)
_paragraph = st.text(min_size=1, max_size=80)


@st.composite
def wire_items(draw: st.DrawFn) -> WireItem:
    """Items with any text in every field that people fill in."""
    from html import escape

    paragraphs = tuple(draw(st.lists(_paragraph, max_size=3)))
    return WireItem(
        urn=f"{NAME}:text-{draw(st.integers(1, 10**6))}",
        version=draw(st.integers(1, 99)),
        version_urn=f"{NAME}:version-{draw(st.integers(1, 10**6))}",
        story_urn=f"{NAME}:story-{draw(st.integers(1, 10**6))}",
        language=draw(st.sampled_from(["kk", "kk-Latn", "kk-Arab", "ru", "en", "ar"])),
        headline=draw(_words),
        created=CREATED,
        version_created=CREATED + timedelta(seconds=draw(st.integers(0, 10**8))),
        status=draw(st.sampled_from(PubStatus)),
        slugline=draw(_words),
        standfirst=draw(_words),
        paragraphs=paragraphs,
        body_html="".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs),
        byline=draw(_words),
        dateline=draw(_words),
        topics=tuple(draw(st.lists(st.sampled_from(["06000000", "20000441", "20009999"]), max_size=2))),
        keywords=tuple(draw(st.lists(_words, max_size=2))),
        urgency=draw(st.integers(0, 12)),
        editor_note=draw(_words),
        correction=draw(_words),
        provider=draw(_words),
        copyright_notice=draw(_words),
        usage_terms=draw(_words),
        pictures=draw(st.sampled_from([(), (PICTURE,), (PICTURE, FILM, SOUND)])),
        sequence=draw(st.integers(0, 10**9)),
    )
