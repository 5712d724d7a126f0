"""Public addresses of the site; they are stable (docs name them)."""

from django.urls import path, re_path, register_converter

from keshen.site.views import feeds, files, fronts, pictures, programmes, search, story


class EditionTag:
    """A BCP 47 tag as an address begins with it: `kk`, `kk-Latn`."""

    regex = r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(EditionTag, "edition")

app_name = "site"
urlpatterns = [
    path("", fronts.home, name="home"),
    path("robots.txt", files.robots, name="robots"),
    path("accents.css", files.accents, name="accents"),
    path("sitemap.xml", feeds.sitemap_index, name="sitemap-index"),
    path("sitemap-news.xml", feeds.news_sitemap, name="sitemap-news"),
    path("sitemap-<int:number>.xml", feeds.sitemap, name="sitemap"),
    re_path(r"^picture/(?P<sha256>[0-9a-f]{64})$", pictures.picture, name="picture"),
    path("watch/<slug:slug>", programmes.watch, name="watch"),
    path("listen/<slug:slug>", programmes.listen, name="listen"),
    path("guide", programmes.guide, name="guide"),
    path("<edition:tag>/", fronts.front, name="front"),
    path("<edition:tag>/section/<slug:code>/", fronts.section, name="section"),
    path("<edition:tag>/search", search.search, name="search"),
    path("<edition:tag>/feed.xml", feeds.feed, {"name": "feed.xml"}, name="feed"),
    path("<edition:tag>/feed.atom", feeds.feed, {"name": "feed.atom"}, name="atom"),
    re_path(
        r"^(?P<tag>[A-Za-z]{2,3}(?:-[A-Za-z]{4})?)/(?P<year>\d{4})/(?P<month>\d{2})/(?:(?P<slug>[^/]*)-)?(?P<story_id>\d{1,18})$",
        story.story,
        name="story",
    ),
]
