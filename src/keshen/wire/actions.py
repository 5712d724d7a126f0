"""The wire's verbs: the only place, beside the pump's receipts, where its rows change. Each may be repeated."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.jobs import Permanent, defer
from keshen.house.models import Service, User
from keshen.house.urns import urn
from keshen.newsroom import publications
from keshen.newsroom.models import Publication, Story, Text, Version
from keshen.rights.actions import decide, decide_all
from keshen.rights.policy import Outcome, Use
from keshen.rights.queries import moments_after
from keshen.wire import kills as kills_after
from keshen.wire.channels import registry
from keshen.wire.channels.base import Channel
from keshen.wire.compose import FORM, SERVICE, agency, compose, item_of, wire_service
from keshen.wire.entitlements import Entitlement
from keshen.wire.entitlements import Outcome as Choosing
from keshen.wire.formats.item import WireItem, to_json
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Product, Selection, Subscriber
from keshen.wire.products import Filter
from keshen.wire.selection import choose_all, subject_of, tag_for, tags_had, terms_of
from keshen.wire.signing import new_secret

OUTLET = "wire"
CHANNEL = "keshen_wire"
UNSENT = (Delivery.State.QUEUED, Delivery.State.SENDING, Delivery.State.SUSPENDED)


class Mistaken(ValueError):
    """What was asked for cannot be; the message says why and what to do."""


@action
def put_out(actor: User, version_id: int) -> None:
    """Give a published version to every subscriber whose product it is in and whose rights allow it.

    Nothing happens when a newer version was published or the story was killed meanwhile: what overtook it stays.
    Whoever was sent an earlier version gets this one whatever the product now says, so that nobody keeps an old one.
    Raises jobs.Permanent when the house has no wire.
    """
    version = Version.objects.select_related("text").get(pk=version_id)
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=version.text.story_id)
    text = Text.objects.get(pk=version.text_id)
    if story.killed_at or text.published_id != version.pk:
        return
    text.story, version.text = story, text
    service = _service()
    if version.kind == Version.Kind.HOLD:
        _send_hold(actor, version, service)
        _wake()
        return
    subject, had = subject_of(version), tags_had(text)
    chosen = choose_all(version)
    items: dict[str, WireItem] = {}
    before = {delivery.subscriber_id: delivery for delivery in Delivery.objects.filter(version=version)}
    publications_made: dict[str, Publication] = {}
    blocked = Delivery.State.BLOCKED
    due = []
    for subscriber in _locked([each for each, choice in chosen.items() if choice.outcome is Choosing.SEND]):
        made = before.get(subscriber.pk) or Delivery(subscriber=subscriber, story=story, version=version, state=blocked)
        if made.state == blocked:
            due.append((subscriber, made, chosen[subscriber]))
    places = _territories(service)
    decisions = decide_all([([story.urn or ""], _use(places, each, choice.terms)) for each, _made, choice in due])
    for (subscriber, made, choice), decision in zip(due, decisions, strict=True):
        tag = tag_for(subscriber, choice, subject, had)
        if tag not in items:
            items[tag] = compose(version, service, tag)
        item = items[tag]
        made.tag = "" if tag == text.language else tag
        made.decision = decision
        if decision.outcome == Outcome.PERMIT:
            made.state, made.reason = Delivery.State.QUEUED, ""
            made.withheld = _withheld(item, places, subscriber, choice.terms)
            if tag not in publications_made:
                publications_made[tag] = _publish(actor, version, service, item)
            made.publication = publications_made[tag]
            _line_up(subscriber, made)
        else:
            made.reason = " ".join(decision.explanation)
            made.save()
    for due in {choice.at for choice in chosen.values() if choice.at}:
        defer_decision(story, f"due:{due.isoformat()}", at=due)
    pictures = [picture.urn for item in items.values() for picture in item.pictures]
    for moment in moments_after([story.urn or "", *dict.fromkeys(pictures)], timezone.now()):
        defer_decision(story, f"at:{moment.isoformat()}", at=moment)
    _wake()


def _send_hold(actor: User, version: Version, service: Service) -> None:
    """Tell everybody who was sent the text that it is withheld; what of it still waits is not sent.

    Rights are not asked: whoever has the text must hear it, and the notice carries none of its words.
    """
    of_text = Delivery.objects.filter(version__text=version.text).exclude(version=version)
    reason = _("The text is held until it is revised.")
    for subscriber in _locked(list(Subscriber.objects.filter(pk__in=of_text.values("subscriber")))):
        theirs = of_text.filter(subscriber=subscriber)
        theirs.filter(state__in=(*UNSENT, Delivery.State.BLOCKED)).update(
            state=Delivery.State.CANCELLED, reason=reason, next_at=None
        )
        last = theirs.exclude(sequence=None).order_by("-sequence").first()
        if last is None or Delivery.objects.filter(subscriber=subscriber, version=version).exists():
            continue
        item = compose(version, service, last.tag or version.language)
        made = Delivery(
            subscriber=subscriber, story=version.text.story, version=version, tag=last.tag,
            publication=_publish(actor, version, service, item),
        )  # fmt: skip
        _line_up(subscriber, made)


def defer_decision(story: Story, why: str, *, at: datetime | None = None) -> None:
    """Have the rights asked again, now or at a moment; `why` tells one asking from another."""
    defer(
        "wire.decide",
        key=f"wire.decide:{story.pk}:{why}",
        actor=User.objects.system(),
        subject=story.urn or "",
        args={"story_id": story.pk},
        at=at,
    )


@action
def send_kill(actor: User, story_id: int) -> None:
    """Cancel what of the story still waits, and put its kill at the head of every stream that ever carried it.

    Rights are not asked: whoever was sent a text must hear that it is dead. Event: `wire.kill_lined_up`.
    """
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=story_id)
    if not story.killed_at:
        return
    kills = {
        version.text_id: version
        for version in Version.objects.filter(text__story=story, kind=Version.Kind.KILL)
        .select_related("text")
        .order_by("number")
    }
    service = _service()
    reached = Subscriber.objects.filter(pk__in=Delivery.objects.filter(story=story).values("subscriber"))
    cancelled = lined_up = 0
    made_of: dict[tuple[int, str], Publication] = {}
    for subscriber in reached.select_for_update(no_key=True).order_by("pk"):
        theirs = Delivery.objects.filter(story=story, subscriber=subscriber)
        was_sent = dict(theirs.exclude(sequence=None).order_by("id").values_list("version__text", "tag"))
        waiting = theirs.filter(is_kill=False, state__in=(*UNSENT, Delivery.State.BLOCKED))
        cancelled += waiting.update(state=Delivery.State.CANCELLED, reason=_("The story was killed."), next_at=None)
        due = set(was_sent) & set(kills) - set(theirs.filter(is_kill=True).values_list("version__text", flat=True))
        for text_id in sorted(due):
            version, tag = kills[text_id], was_sent[text_id]
            version.text.story = story
            if (text_id, tag) not in made_of:
                made_of[text_id, tag] = _publish(actor, version, service, compose(version, service, tag or None))
            publication = made_of[text_id, tag]
            made = Delivery(
                subscriber=subscriber, story=story, version=version, publication=publication, is_kill=True, tag=tag
            )
            _line_up(subscriber, made)
        lined_up += len(due)
        if due and subscriber.paused_until and not subscriber.paused_by_client:
            Subscriber.objects.filter(pk=subscriber.pk).update(paused_until=None)
    record(
        actor,
        "wire.kill_lined_up",
        story.urn or "",
        organisation=story.organisation,
        after={"cancelled": cancelled, "kills": lined_up},
    )
    if lined_up:
        kills_after.defer_look(User.objects.system(), story)
    _wake()


def _service() -> Service:
    try:
        return wire_service()
    except Service.DoesNotExist as error:
        raise Permanent(f"The house has no wire: add a service “{SERVICE}” of kind “wire”, then try again.") from error


def _locked(subscribers: list[Subscriber]) -> Iterable[Subscriber]:
    """The same in the order locks are taken. Fetched streams are locked and read again: they are numbered here."""
    fetched = Subscriber.objects.filter(pk__in=[each.pk for each in subscribers if not each.is_sent_to]).order_by("pk")
    numbers = dict(fetched.select_for_update(no_key=True).values_list("pk", "last_sequence"))
    for subscriber in sorted(subscribers, key=lambda each: each.pk):
        subscriber.last_sequence = numbers.get(subscriber.pk, subscriber.last_sequence)
        yield subscriber


def _territories(service: Service) -> frozenset[str]:
    return frozenset(service.territories.values_list("code", flat=True)) or frozenset({"WORLD"})


def _use(territories: frozenset[str], subscriber: Subscriber, terms: Entitlement) -> Use:
    """What is asked: the open feed is our own audience, anybody else a client by name, where its terms say."""
    return Use(
        exit="wire",
        platform="wire",
        territories=terms.territories or territories,
        at=timezone.now(),
        recipient=None if subscriber.channel == Subscriber.Channel.OPEN else subscriber.slug,
    )


def _withheld(item: WireItem, territories: frozenset[str], subscriber: Subscriber, terms: Entitlement) -> list[str]:
    """The pictures this subscriber does not take, or may not have; each decision of the rights is stored."""
    names = [picture.urn for picture in item.pictures]
    if terms.media and "picture" not in terms.media:
        return names
    use = _use(territories, subscriber, terms)
    decisions = decide_all([([name], use) for name in names])
    return [name for name, decision in zip(names, decisions, strict=True) if decision.outcome != Outcome.PERMIT]


def _publish(actor: User, version: Version, service: Service, item: WireItem) -> Publication:
    form = FORM if item.language == version.text.language else f"{FORM}:{item.language}"
    return publications.publish(
        version, outlet=OUTLET, service=service, edition=None, form=form, payload=to_json(item), responsible=actor
    )


def _line_up(subscriber: Subscriber, delivery: Delivery) -> None:
    """Put it in the stream: numbered at once where the client fetches, queued where the pump sends."""
    if not subscriber.is_sent_to:
        subscriber.last_sequence += 1
        subscriber.save(update_fields=["last_sequence"])
        delivery.sequence = subscriber.last_sequence
        delivery.state = Delivery.State.DELIVERED
        delivery.sent_at = delivery.delivered_at = timezone.now()
    delivery.save()


def _wake() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


@action
def reconsider(actor: User, story: Story) -> None:
    """Ask the rights again for what they stopped, after a person made the terms clear. Event: `wire.reconsidered`."""
    permit(actor, "wire.resume", story)
    decide_anew(actor, story.pk)


@action
def decide_anew(actor: User, story_id: int) -> None:
    """Ask the rights again about a story that is out: what they now stop is neither sent nor fetched any more, what
    they stopped and now allow goes out. What a client already has stays with it; only a kill calls that back.

    Event: `wire.reconsidered`.
    """
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=story_id)
    if story.killed_at:
        return
    service = _service()
    theirs = Delivery.objects.filter(story=story, is_kill=False).exclude(version__kind=Version.Kind.HOLD)
    stopped = 0
    for subscriber in (
        Subscriber.objects.filter(pk__in=theirs.values("subscriber")).select_for_update(no_key=True).order_by("pk")
    ):
        stopped += _decide_anew(subscriber, theirs.filter(subscriber=subscriber), story, service)
    out = Version.objects.filter(pk__in=story.texts.exclude(published=None).values("published"))
    for version in out.select_related("text__story", "author"):
        put_out(publications.responsible_for(version), version.pk)
    after = {"stopped": stopped, "still_blocked": theirs.filter(state=Delivery.State.BLOCKED).count()}
    record(actor, "wire.reconsidered", story.urn or "", organisation=story.organisation, after=after)


def _decide_anew(subscriber: Subscriber, theirs: QuerySet[Delivery], story: Story, service: Service) -> int:
    """Take out of a stream what rights now stop, and the pictures they now withhold; returns how many changed."""
    fetched = not subscriber.is_sent_to
    live = theirs.filter(state__in=(*UNSENT, Delivery.State.DELIVERED) if fetched else UNSENT)
    changed = 0
    places = _territories(service)
    for delivery in live.select_related("publication"):
        kept = Selection.objects.filter(version=delivery.version_id).first()
        choice = kept.choice(subscriber) if kept else None
        terms = terms_of(subscriber, choice.product if choice else subscriber.product.slug)
        decision = decide([story.urn or ""], _use(places, subscriber, terms))
        if decision.outcome != Outcome.PERMIT:
            reason = " ".join(decision.explanation)
            changes = {"state": Delivery.State.BLOCKED, "decision": decision, "reason": reason, "next_at": None}
        else:
            item = item_of(delivery.publication) if delivery.publication else None
            withheld = _withheld(item, places, subscriber, terms) if item else []
            if withheld == delivery.withheld:
                continue
            changes = {"withheld": withheld, "decision": decision, "payload": None}
        changed += theirs.filter(pk=delivery.pk).update(**changes)
    if changed and fetched:
        subscriber.last_sequence += 1  # feeds are kept by this number: it goes on, and they are made anew
        subscriber.save(update_fields=["last_sequence"])
    return changed


@action
def add_product(
    actor: User, slug: str, name: dict[str, str], selection: Filter | None = None, *, is_open: bool = False
) -> Product:
    """A product of that slug, made or found; an open one has its public feed. Event: `wire.product_added`."""
    permit(actor, "wire.manage", agency())
    product, fresh = Product.objects.get_or_create(
        slug=slug, defaults={"name": name, "filter": (selection or Filter()).to_json(), "is_open": is_open}
    )
    if product.is_open:
        Subscriber.objects.get_or_create(
            product=product,
            channel=Subscriber.Channel.OPEN,
            defaults={"slug": f"open-{slug}", "name": f"/wire/{slug}", "format": "ninjs"},
        )
    if fresh:
        record(
            actor,
            "wire.product_added",
            urn("product", product.slug, timezone.now()),
            after={"product": slug, "filter": product.filter, "open": is_open},
        )
    return product


def add_subscriber(
    actor: User,
    name: str,
    product: Product,
    format_name: str,
    push_url: str = "",
    options: Mapping[str, str] | None = None,
) -> tuple[Subscriber, str]:
    """A new client of a product, and its key, shown this once. With `push_url` items are sent there: the address says
    by which channel, `options` hold what that needs besides (channels.registry).

    Event: `wire.subscriber_added`. Raises Mistaken for an unknown form, a taken name or an address we may not call.
    """
    permit(actor, "wire.manage", agency())
    if format_name not in FORMATS:
        raise Mistaken(
            _("No such form: %(form)s. There are: %(forms)s.") % {"form": format_name, "forms": ", ".join(FORMATS)}
        )
    if push_url and not FORMATS[format_name].carries_canceled:
        raise Mistaken(
            _("%(form)s cannot carry a cancel, so it is only fetched. Push ninjs or newsml.") % {"form": format_name}
        )
    channel = _channel_of(push_url, options or {}) if push_url else None
    return _add_subscriber(actor, name, product, format_name, push_url, channel, options or {})


def _channel_of(push_url: str, options: Mapping[str, str]) -> Channel:
    """The channel of an address, which can be used with these options. Raises Mistaken."""
    try:
        channel = registry.channel_for(push_url)
        registry.check(channel, push_url, options)
    except ValueError as error:
        raise Mistaken(str(error)) from error
    return channel


@action
def _add_subscriber(
    actor: User,
    name: str,
    product: Product,
    format_name: str,
    push_url: str,
    channel: Channel | None,
    options: Mapping[str, str],
) -> tuple[Subscriber, str]:
    slug = slugify(name, allow_unicode=False) or f"client-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    if Subscriber.objects.filter(slug=slug).exists():
        raise Mistaken(_("There is a subscriber %(slug)s already. Choose another name.") % {"slug": slug})
    key = secrets.token_urlsafe(32)
    made = Subscriber.objects.create(
        slug=slug,
        name=name,
        product=product,
        channel=channel.name if channel else Subscriber.Channel.PULL,
        format=format_name,
        push_url=push_url,
        secret=new_secret() if channel and channel.signs else "",
        options=dict(options),
        key_sha256=hash_of(key),
    )
    record(
        actor,
        "wire.subscriber_added",
        made.urn,
        after={"subscriber": slug, "product": product.slug, "format": format_name, "push_url": push_url},
    )
    return made, key


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


@action
def new_key(actor: User, subscriber: Subscriber) -> str:
    """Another key for fetching, shown this once; the old one ends. Event: `wire.key_changed`."""
    permit(actor, "wire.manage", agency())
    key = secrets.token_urlsafe(32)
    Subscriber.objects.filter(pk=subscriber.pk).update(key_sha256=hash_of(key))
    record(actor, "wire.key_changed", subscriber.urn)
    return key


@action
def suspend(actor: User, subscriber: Subscriber, reason: str) -> None:
    """Stop sending; what comes meanwhile waits. Event: `wire.subscriber_suspended`."""
    permit(actor, "wire.manage", agency())
    if not reason.strip():
        raise Mistaken(_("Say why: the next shift reads it."))
    Subscriber.objects.filter(pk=subscriber.pk).update(state=Subscriber.State.SUSPENDED, reason=reason.strip())
    record(actor, "wire.subscriber_suspended", subscriber.urn, reason=reason.strip())


@action
def resume(actor: User, subscriber: Subscriber, push_url: str = "", options: Mapping[str, str] | None = None) -> None:
    """Send again, from where it stopped, to another address or with other options where these are given.

    Event: `wire.subscriber_resumed`. Raises Mistaken for an address or options that cannot be used.
    """
    permit(actor, "wire.resume", agency())
    locked = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber.pk)
    if (push_url and push_url != locked.push_url) or options:
        permit(actor, "wire.manage", agency())
        if not locked.is_sent_to:
            raise Mistaken(_("This client fetches: there is no address to send to."))
        locked.push_url = push_url or locked.push_url
        locked.options = {**locked.options, **(options or {})}
        channel = _channel_of(locked.push_url, locked.options)
        locked.channel = channel.name
        locked.secret = locked.secret or (new_secret() if channel.signs else "")
    before = {"state": locked.state, "reason": locked.reason}
    locked.state, locked.reason = Subscriber.State.ACTIVE, ""
    locked.paused_until, locked.paused_by_client, locked.failures = None, False, 0
    locked.save()
    theirs = Delivery.objects.filter(subscriber=locked)
    theirs.filter(state=Delivery.State.QUEUED).exclude(next_at=None).update(next_at=None)
    again = _suspended(theirs)
    record(actor, "wire.subscriber_resumed", locked.urn, before=before, after={"deliveries": again})
    _wake()


@action
def retry(actor: User, delivery: Delivery) -> None:
    """Send a suspended delivery again, with the number it has. Event: `wire.delivery_retried`."""
    permit(actor, "wire.resume", agency())
    locked = Delivery.objects.select_for_update(of=("self",)).select_related("story__organisation").get(pk=delivery.pk)
    if locked.state != Delivery.State.SUSPENDED:
        raise Mistaken(
            _("Only a suspended delivery is sent again; this one is “%(state)s”.")
            % {"state": locked.get_state_display()}
        )
    _suspended(Delivery.objects.filter(pk=locked.pk))
    record(
        actor,
        "wire.delivery_retried",
        locked.story.urn or "",
        organisation=locked.story.organisation,
        before=locked.log_values(),
    )
    _wake()


def _suspended(deliveries: Any) -> int:
    """Queue again those of `deliveries` that stopped, except what a kill has overtaken."""
    stopped = deliveries.filter(state=Delivery.State.SUSPENDED).filter(Q(story__killed_at=None) | Q(is_kill=True))
    return int(stopped.update(state=Delivery.State.QUEUED, next_at=None, reason=""))
