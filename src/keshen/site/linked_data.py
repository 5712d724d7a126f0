"""Pages as schema.org sees them (https://schema.org/NewsArticle)."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from keshen.house.models import in_language
from keshen.newsroom.mediatopics import label
from keshen.site.models import Page


def absolute(path: str) -> str:
    """A path of ours with the house's address before it."""
    return settings.KESHEN_URL.rstrip("/") + path


def news_article(page: Page, article: dict[str, Any]) -> dict[str, Any]:
    """A story as a NewsArticle; corrections as CorrectionComment."""
    publisher = {
        "@type": "NewsMediaOrganization",
        "name": in_language(page.service.name, page.edition.language),
        "url": absolute("/"),
    }
    made: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article["headline"],
        "description": article["standfirst"] or article["description"],
        "inLanguage": page.edition.tag,
        "datePublished": page.published_at.isoformat(),
        "dateModified": page.changed_at.isoformat(),
        "mainEntityOfPage": absolute(page.address),
        "author": {"@type": "Person", "name": article["byline"]} if article["byline"] else publisher,
        "publisher": publisher,
        "isAccessibleForFree": True,
    }
    if article["section"]:
        made["articleSection"] = label(article["section"], page.edition.tag)
    if article["keywords"]:
        made["keywords"] = article["keywords"]
    if article["dateline"]:
        made["dateline"] = article["dateline"]
    if lead := article["lead"]:
        made["image"] = [absolute(lead["sources"][-1][1])]
    if article["corrections"]:
        made["correction"] = [
            {"@type": "CorrectionComment", "text": one["note"], "datePublished": one["at"]}
            for one in article["corrections"]
        ]
    return made
