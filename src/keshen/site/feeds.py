"""What machines read: RSS 2.0 and Atom (RFC 4287) of an edition, and sitemaps (sitemaps.org 0.9, Google News 0.9)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed
from lxml import etree

from keshen.house.models import Edition, Service
from keshen.newsroom.mediatopics import label
from keshen.site.linked_data import absolute
from keshen.site.models import Page
from keshen.site.queries import live
from keshen.site.words import in_edition, in_script

ITEMS = 50
PER_SITEMAP = 5000
NEWS_HOURS = 48
NEWS_ITEMS = 1000
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
FEEDS = {"feed.xml": Rss201rev2Feed, "feed.atom": Atom1Feed}


def feed(edition: Edition, masthead: Service | None, name: str) -> SyndicationFeed:
    """The newest stories of an edition as the feed of that name."""
    title = in_edition(masthead.name, edition) if masthead else str(edition)
    made = FEEDS[name](
        title=title,
        link=absolute(f"/{edition.tag}/"),
        description=f"{title}: {edition}",
        language=edition.tag,
        feed_url=absolute(f"/{edition.tag}/{name}"),
        feed_guid=absolute(f"/{edition.tag}/"),
    )
    for page in live(edition).select_related("publication", "edition__derived_from")[:ITEMS]:
        article = page.publication.payload if page.publication else {}
        lead = page.picture
        made.add_item(
            title=page.headline,
            link=absolute(page.address),
            description=page.standfirst,
            unique_id=absolute(page.address),
            unique_id_is_permalink=True,
            pubdate=page.published_at,
            updateddate=page.changed_at,
            author_name=article.get("byline") or title,
            categories=[in_script(label(code, edition.language), edition) for code in page.topics],
            enclosures=[Enclosure(absolute(lead["sources"][-1][1]), "0", "image/webp")] if lead else None,
        )
    return made


def sitemap_index() -> bytes:
    """The sitemaps of the house: one for every 5,000 stories."""
    count = Page.objects.filter(state=Page.State.LIVE).values("story").distinct().count()
    root = etree.Element(f"{{{SITEMAP}}}sitemapindex", nsmap={None: SITEMAP})
    for number in range(1, max(1, -(-count // PER_SITEMAP)) + 1):
        _line(root, "sitemap", absolute(f"/sitemap-{number}.xml"))
    _line(root, "sitemap", absolute("/sitemap-news.xml"))
    return _bytes(root)


def sitemap(number: int) -> bytes | None:
    """Sitemap `number` (from 1): every live page, each with its other editions. None when there is none."""
    first = (number - 1) * PER_SITEMAP
    stories = list(
        Page.objects.filter(state=Page.State.LIVE)
        .order_by("story_id")
        .values_list("story_id", flat=True)
        .distinct()[first : first + PER_SITEMAP]
    )
    if not stories and number > 1:
        return None
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP, "xhtml": XHTML})
    pages = Page.objects.filter(state=Page.State.LIVE, story_id__in=stories).select_related("edition").defer("search")
    by_story: dict[int, list[Page]] = {}
    for page in pages.order_by("story_id", "edition__position"):
        by_story.setdefault(page.story_id, []).append(page)
    for together in by_story.values():
        for page in together:
            entry = _line(root, "url", absolute(page.address))
            etree.SubElement(entry, f"{{{SITEMAP}}}lastmod").text = page.changed_at.isoformat()
            for other in together:
                attributes = {"rel": "alternate", "hreflang": other.edition.tag, "href": absolute(other.address)}
                etree.SubElement(entry, f"{{{XHTML}}}link", attributes)
    return _bytes(root)


def news_sitemap(name: str) -> bytes:
    """The stories of the last two days, at most 1,000, under the publication's `name`."""
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP, "news": NEWS})
    since = timezone.now() - timedelta(hours=NEWS_HOURS)
    fresh = Page.objects.filter(state=Page.State.LIVE, published_at__gte=since).select_related("edition")
    for page in fresh.defer("search")[:NEWS_ITEMS]:
        entry = _line(root, "url", absolute(page.address))
        news = etree.SubElement(entry, f"{{{NEWS}}}news")
        publication = etree.SubElement(news, f"{{{NEWS}}}publication")
        etree.SubElement(publication, f"{{{NEWS}}}name").text = name
        etree.SubElement(publication, f"{{{NEWS}}}language").text = page.edition.language
        etree.SubElement(news, f"{{{NEWS}}}publication_date").text = page.published_at.isoformat()
        etree.SubElement(news, f"{{{NEWS}}}title").text = page.headline
    return _bytes(root)


def _line(root: etree._Element, kind: str, address: str) -> etree._Element:
    entry = etree.SubElement(root, f"{{{SITEMAP}}}{kind}")
    etree.SubElement(entry, f"{{{SITEMAP}}}loc").text = address
    return entry


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
