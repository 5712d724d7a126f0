"""Sources: looked at within limits, at checked addresses, with back-off; whatever they repeat costs nothing."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone, translation

from keshen.house import outgoing
from keshen.house.models import Event
from keshen.media.store import house_store
from keshen.newsroom import quarantine
from keshen.newsroom.models import Quarantine
from keshen.wire.intake import api, looking, sourcing
from keshen.wire.intake.channels import Message, http
from keshen.wire.intake.models import IncomingItem, Source
from keshen.wire.intake.receive import receive
from tests.wire.house import House
from tests.wire.sources import Entry, Web, entries, feed, web


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as made:
        yield made


@pytest.fixture
def source(house: House, server: Web) -> Source:
    return sourcing.add_source(house.chief, "Дала агенттігі", "feed", f"{server.url}/news.rss", slug="dala")[0]


def look(source: Source) -> looking.Looked:
    looked = looking.look_at(source.pk, now=True)
    assert looked is not None
    source.refresh_from_db()
    return looked


def outcomes(looked: looking.Looked) -> list[str]:
    return [each.outcome for each in looked.received]


def test_a_feed_is_asked_only_whether_it_changed(source: Source, server: Web) -> None:
    server.says(feed(*entries()), ETag='"one"', Last_Modified="Mon, 23 Nov 2026 06:00:00 GMT")
    assert outcomes(look(source)) == ["new", "new", "new"]
    assert source.health == "good" and source.item_at is not None
    server.says(b"", status=304)
    before = timezone.now()
    assert outcomes(look(source)) == []
    assert server.asked[-1]["if-none-match"] == '"one"'
    assert server.asked[-1]["if-modified-since"] == "Mon, 23 Nov 2026 06:00:00 GMT"
    assert source.failures == 0 and source.next_at > before + timedelta(seconds=50)


def test_a_feed_that_repeats_costs_nothing_and_doubles_nothing(
    source: Source, server: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.says(feed(*entries()))
    look(source)
    events = Event.objects.count()
    kept: list[int] = []
    store = house_store()
    monkeypatch.setattr(type(store), "put", lambda _self, data: kept.append(len(data)))
    for built in ("2", "3", "4"):
        server.says(feed(*entries(), built=built))
        assert set(outcomes(look(source))) == {"known"}
    assert IncomingItem.objects.count() == 3 and not kept and Event.objects.count() == events


def test_a_feed_that_renames_or_rewinds_brings_nothing_new(source: Source, server: Web) -> None:
    first = entries()
    server.says(feed(*first))
    look(source)
    newer = replace(first[0], text=first[0].text + " Санақ жалғасады.", date="Mon, 23 Nov 2026 09:00:00 GMT")
    server.says(feed(newer, *first[1:]))
    assert sorted(outcomes(look(source))) == ["known", "known", "update"]
    server.says(feed(*first, built="rewound"))
    assert set(outcomes(look(source))) == {"known"}
    server.says(feed(*(replace(entry, guid=f"renamed-{number}") for number, entry in enumerate([newer, *first[1:]]))))
    assert set(outcomes(look(source))) == {"known"}
    assert IncomingItem.objects.count() == 4
    # without dates it rewinds too: words that came before are nothing new
    undated = [replace(entry, date="") for entry in [first[0]]]
    server.says(feed(*undated))
    assert outcomes(look(source)) == ["known"]


def test_an_update_replaces_what_still_waits(source: Source, server: Web) -> None:
    entry = entries()[0]
    server.says(feed(entry))
    look(source)
    server.says(feed(replace(entry, text=entry.text + " Толықтырылды.", date="Mon, 23 Nov 2026 08:00:00 GMT")))
    look(source)
    newer, older = IncomingItem.objects.all()
    assert (older.state, newer.state, newer.updates) == ("replaced", "new", older)


def test_the_oldest_item_of_a_feed_comes_first(source: Source, server: Web) -> None:
    newest, middle, oldest = entries()
    server.says(feed(replace(newest, date="Mon, 23 Nov 2026 09:00:00 GMT"), middle, oldest))
    look(source)
    assert IncomingItem.objects.order_by("-id")[0].headline == newest.title


def test_one_bad_item_costs_no_other_and_waits_once(house: House, source: Source, server: Web) -> None:
    bad = Entry("g-bad", "", "")
    server.says(feed(entries()[0], bad, entries()[1]))
    assert sorted(outcomes(look(source))) == ["new", "new", "quarantined"]
    held = Quarantine.objects.get()
    assert held.origin == "source:dala" and held.part == 1 and held.reason and held.remedy
    assert b"g-bad" in house_store().read(held.sha256)
    quarantine.drop(house.editor, held, "Бос")
    server.says(feed(entries()[0], bad, built="5"))
    look(source)
    held.refresh_from_db()
    assert Quarantine.objects.count() == 1 and held.times == 2 and held.state == "dropped"
    assert Event.objects.filter(kind="item.quarantined").count() == 1


def test_the_reparse_button_takes_the_item_in_where_it_belongs(
    house: House, source: Source, server: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = Entry("g-1", "4711", "0815 4711 2026 99.")
    server.says(feed(strange, entries()[0]).replace("<language>kk</language>", ""))
    look(source)
    held = Quarantine.objects.get()
    [still] = quarantine.try_again(house.editor, held)
    assert isinstance(still, quarantine.Held)
    held.refresh_from_db()
    assert held.state == "open" and Quarantine.objects.count() == 1
    [received] = quarantine.try_again(house.editor, held, language="en")
    held.refresh_from_db()
    assert received.outcome == "new" and received.item.source == source and received.item.language == "en"
    assert held.state == "taken"
    server.says(feed(strange, built="9").replace("<language>kk</language>", ""))
    assert outcomes(look(source)) == ["known"]


@pytest.mark.parametrize(
    ("status", "headers", "least"), [(429, {"Retry_After": "900"}, 899), (503, {}, 40), (404, {}, 40)]
)
def test_try_later_is_never_final(
    source: Source, server: Web, status: int, headers: dict[str, str], least: float
) -> None:
    server.says(b"busy", status=status, **headers)
    for turn in range(1, 4):
        before = timezone.now()
        looked = look(source)
        assert looked.problem and source.failures == turn and source.state == "active"
        assert (source.next_at - before).total_seconds() >= least
    assert source.health == "failing"
    assert Event.objects.filter(kind="source.failing").count() == 1
    server.says(feed(entries()[0]))
    look(source)
    assert source.health == "good" and source.reason == ""
    assert Event.objects.filter(kind="source.recovered").count() == 1


def test_back_off_grows_and_has_an_end() -> None:
    waits = [looking.back_off(60, failures, None) for failures in range(40)]
    assert all(45 * 2**n <= waits[n] <= 60 * 2**n for n in range(6)) and max(waits) <= 3600
    assert looking.back_off(60, 0, 7200) == 7200


def test_gone_for_good_pauses_and_says_so(house: House, source: Source, server: Web) -> None:
    server.says(b"", status=410)
    look(source)
    assert source.state == "paused" and "410" in source.reason and source.next_at is None
    assert looking.look_at(source.pk, now=True) is None
    sourcing.resume(house.chief, source)
    server.says(feed(entries()[0]))
    assert outcomes(look(source)) == ["new"]


def test_private_addresses_are_refused_also_behind_a_redirect(
    house: House, source: Source, server: Web, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    with web("127.0.0.2") as inside:
        inside.says(feed(*entries()))

        def check(host: str, addresses) -> None:
            if any(str(address) == "127.0.0.2" for address in addresses):
                raise outgoing.Refused(f"{host} is not a public address.")

        monkeypatch.setattr(outgoing, "check", check)
        server.says(b"", status=302, Location=f"{inside.url}/news.rss")
        assert "not a public address" in look(source).problem
        assert not inside.asked and source.state == "paused"
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    monkeypatch.undo()
    with pytest.raises(sourcing.Mistaken, match="not a public address"):
        sourcing.add_source(house.chief, "Inside", "feed", "http://127.0.0.1:1/feed")
    with pytest.raises(sourcing.Mistaken):
        sourcing.add_source(house.chief, "File", "feed", "file:///etc/passwd")


def test_what_lets_us_in_is_not_carried_to_another_host(house: House, source: Source, server: Web) -> None:
    sourcing.change(house.chief, source, secret="opensesame")
    with web("127.0.0.2") as other:
        other.says(feed(entries()[0]))
        server.says(b"", status=307, Location=f"{other.url}/there")
        assert outcomes(look(source)) == ["new"]
        assert server.asked[-1]["authorization"] == "Bearer opensesame"
        assert "authorization" not in other.asked[-1]


def test_redirects_end(source: Source, server: Web) -> None:
    server.says(b"", status=302, Location="/again")
    assert "redirects" in look(source).problem and source.failures == 1
    assert len(server.asked) == http.HOPS + 1


def test_a_bomb_and_a_drip_stop_at_their_limits(source: Source, server: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    server.says(gzip.compress(b"a" * 70_000_000), Content_Encoding="gzip")
    assert "more than 64 MB" in look(source).problem

    def drip() -> Iterator[bytes]:
        while True:
            yield b"<rss>"
            time.sleep(0.05)

    monkeypatch.setattr(http, "SECONDS", 0.5)
    monkeypatch.setattr(http.fetch, "__kwdefaults__", {**http.fetch.__kwdefaults__, "seconds": 0.5})
    server.answer = lambda _request: (200, {}, drip())
    assert "too slowly" in look(source).problem
    assert IncomingItem.objects.count() == 0


def test_garbage_is_put_aside_with_its_bytes(source: Source, server: Web) -> None:
    server.says(b"<rss><channel><item><title>Ak", Content_Type="text/xml")
    assert outcomes(look(source)) == ["quarantined"]
    assert house_store().read(Quarantine.objects.get().sha256).startswith(b"<rss>")


def test_who_was_overtaken_writes_nothing(source: Source, house: House) -> None:
    claimed = looking._claim(source.pk, now=True)
    sourcing.change(house.chief, source, every=600)
    looking._done(claimed, looking.Look({"etag": "stale"}))
    source.refresh_from_db()
    assert source.cursor == {} and source.every == 600 and source.succeeded_at is None


def test_a_look_that_was_asked_for_meanwhile_is_not_forgotten(
    source: Source, house: House, server: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.says(feed(*entries()))
    taken = looking._take

    def take(mine: Source, seen: object) -> object:
        sourcing.look_soon(house.chief, Source.objects.get(pk=source.pk))
        return taken(mine, seen)  # type: ignore[arg-type]

    monkeypatch.setattr(looking, "_take", take)
    look(source)
    assert looking.due() == [source.pk]
    monkeypatch.undo()
    look(source)
    assert looking.due() == []


def test_a_folder_is_watched(house: House, settings, tmp_path: Path) -> None:
    settings.KESHEN_HOME = tmp_path
    source, _key = sourcing.add_source(house.chief, "Қалта", "folder", "tass", slug="folder")
    inbox = tmp_path / "inbox" / "tass"
    whole, growing, hidden = inbox / "a.rss", inbox / "b.rss", inbox / ".c.rss"
    for path in (whole, growing, hidden):
        path.write_text(feed(entries()[0]))
    (inbox / "link.txt").symlink_to("/etc/passwd")
    now = time.time()
    for path, written in ((whole, now - 60), (hidden, now - 60), (growing, now + 3600)):
        os.utime(path, (written, written))
    assert outcomes(look(source)) == ["new"]
    assert not whole.exists() and (inbox / "taken" / "a.rss").exists() and growing.exists()
    assert outcomes(look(source)) == []
    with pytest.raises(sourcing.Mistaken, match="may not be watched"):
        sourcing.add_source(house.chief, "Etc", "folder", "/etc")
    with pytest.raises(sourcing.Mistaken, match="may not be watched"):
        sourcing.add_source(house.chief, "Up", "folder", "../../etc")


def test_a_source_sends_with_its_key(house: House, client: Client) -> None:
    source, key = sourcing.add_source(house.chief, "Жіберуші", "push", slug="sender")
    message = json.dumps(
        {"uri": "tag:x,1", "headline": "Ақбөкен көшті", "language": "kk", "body_text": entries()[0].text}
    ).encode()
    send = {"path": "/api/v1/wire/in?name=a.json", "data": message, "content_type": "application/json"}
    assert client.post(**send).status_code == 401
    bearer = {"authorization": f"Bearer {key}"}
    [first] = client.post(**send, headers=bearer).json()
    [again] = client.post(**send, headers=bearer).json()
    assert (first["outcome"], again["outcome"]) == ("new", "known") and first["item"] == again["item"]
    [bad] = client.post("/api/v1/wire/in", b"{", content_type="application/json", headers=bearer).json()
    assert bad["outcome"] == "quarantined" and bad["remedy"]
    source.refresh_from_db()
    assert source.health == "good"
    sourcing.pause(house.chief, source, "Келісім бітті")
    refused = client.post(**send, headers=bearer)
    assert refused.status_code == 403 and "Келісім бітті" in refused.json()["detail"]
    sourcing.resume(house.chief, source)
    fresh = sourcing.new_key(house.chief, source)
    assert client.post(**send, headers=bearer).status_code == 401
    assert client.post(**send, headers={"authorization": f"Bearer {fresh}"}).status_code == 200


def test_a_sender_may_send_megabytes_and_no_more_than_is_said(
    house: House, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _source, key = sourcing.add_source(house.chief, "Жіберуші", "push", slug="sender")
    story = {"uri": "tag:x,2", "headline": "Ақбөкен көшті", "language": "kk", "body_text": entries()[0].text}
    large = json.dumps({**story, "x_filling": "a" * 4_000_000}).encode()
    send = {"path": "/api/v1/wire/in?name=a.json", "data": large, "content_type": "application/json"}
    bearer = {"authorization": f"Bearer {key}"}
    [came] = client.post(**send, headers=bearer).json()
    assert came["outcome"] == "new"
    monkeypatch.setattr(api, "MOST_BYTES", 3 << 20)
    refused = client.post(**send, headers=bearer)
    assert refused.status_code == 413 and "3 MB" in refused.json()["detail"]


def test_what_a_reader_warns_of_is_said_in_the_persons_language(house: House, client: Client) -> None:
    source, key = sourcing.add_source(house.chief, "Жіберуші", "push", slug="sender")
    data = "В Алматы открылась школа\nСегодня в городе открылась новая школа для детей.".encode("windows-1251")
    send = {"path": "/api/v1/wire/in?name=a.txt", "data": data, "content_type": "text/plain"}
    [came] = client.post(**send, headers={"authorization": f"Bearer {key}", "accept-language": "ru"}).json()
    item = IncomingItem.objects.get(source=source)
    assert "the file is not UTF-8" in item.warnings[0]
    with translation.override("kk"):
        assert "файл UTF-8 емес" in item.warned[0]
    client.force_login(house.chief)
    page = client.get(f"/control/wire/incoming/{item.pk}/").content.decode()
    assert '<html lang="kk"' in page and "файл UTF-8 емес" in page and came["warnings"]
    item.said = []
    assert item.warned == item.warnings


def test_our_own_story_on_its_way_back_is_known(house: House, source: Source, server: Web, settings) -> None:
    name = f"urn:newsml:{settings.KESHEN_AUTHORITY}:20261123:story-1"
    server.says(feed(replace(entries()[0], guid=name)))
    assert outcomes(look(source)) == ["known"] and IncomingItem.objects.count() == 0


def g2(name: str, inside: str, version: int = 1) -> bytes:
    nar = "http://iptc.org/std/nar/2006-10-01/"
    kind = "planningItem" if "newsCoverage" in inside else "newsItem"
    return (
        f'<{kind} xmlns="{nar}" guid="urn:x:{name}" version="{version}" xml:lang="kk"><itemMeta>'
        f'<itemClass qcode="{"plinat:newscoverage" if kind == "planningItem" else "ninat:picture"}"/></itemMeta>'
        f"{inside}</{kind}>"
    ).encode()


def test_a_namespace_that_is_no_address_costs_nothing(source: Source) -> None:
    words = "Ғалымдар даладағы киіктерді әуеден санады, биыл олардың саны былтырғыдан көп болып шықты."
    body = f"<contentSet><inlineData contenttype='text/plain'>{words}</inlineData></contentSet>"
    data = g2("6", f"<contentMeta><headline>Киік көбейді</headline></contentMeta>{body}")
    data = data.replace(b"ninat:picture", b"ninat:text")
    data = data.replace(b"<newsItem ", b'<newsItem xmlns:own="www.steppe.example" ')
    assert [each.outcome for each in receive(source, Message("a.xml", data))] == ["new"]
    assert [each.outcome for each in receive(source, Message("a.xml", data))] == ["known"]


def picture(href: str) -> str:
    return (
        "<contentMeta><headline>Көктем мерекесі</headline></contentMeta>"
        f'<contentSet><remoteContent href="{href}" contenttype="image/jpeg"/></contentSet>'
    )


def plan(note: str) -> str:
    return (
        f"<newsCoverageSet><newsCoverage><planning><edNote>{note}</edNote></planning></newsCoverage></newsCoverageSet>"
    )


def test_what_is_no_text_is_told_from_another_by_more_than_its_words(source: Source) -> None:
    def comes(*sent: bytes) -> list[str]:
        return [each.outcome for data in sent for each in receive(source, Message("a.xml", data))]

    first, second = picture("https://x.example/1.jpg"), picture("https://x.example/2.jpg")
    assert comes(g2("1", first), g2("2", second)) == ["new", "new"]
    # the same file under another name and signature is the same
    assert comes(g2("3", picture("https://x.example/2.jpg?signed=7"))) == ["known"]
    # plans without a headline, and one of them with other coverage
    assert comes(g2("4", plan("Мәтін")), g2("5", plan("Сурет")), g2("5", plan("Бейне"), 2)) == ["new", "new", "update"]
    assert comes(g2("5", plan("Сурет"), 1)) == ["known"]
