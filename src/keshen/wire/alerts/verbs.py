"""The verbs on alerts: add, confirm the address, end."""

from __future__ import annotations

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.house.actions import action
from keshen.house.events import record
from keshen.house.models import User
from keshen.wire.actions.mistaken import Mistaken
from keshen.wire.alerts.models import Alert, AlertMail
from keshen.wire.alerts.paces import next_digest
from keshen.wire.models import Subscriber
from keshen.wire.products import Filter, FilterError

MOST = 50
"""Alerts of one client."""
SALT = "keshen.wire.alert"
CONFIRM_SECONDS = 7 * 24 * 3600


@action
def add_alert(
    actor: User, subscriber: Subscriber, name: str, *, words: str = "", selection: Filter | None = None,
    pace: str = Alert.Pace.LIVE, address: str = "", language: str = "kk",
) -> Alert:  # fmt: skip
    """Save a search of a client's stream, from the next item on. An address is asked first whether it means it.

    Event: `wire.alert_added`. Raises Mistaken.
    """
    subscriber = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber.pk)
    selection = selection or Filter()
    if pace not in Alert.Pace.values:
        raise Mistaken(_("There is no such pace for an alert."))
    if not words.strip() and selection == Filter():
        raise Mistaken(_("Say what to look for: words, topics, places, languages or urgency."))
    if subscriber.alerts.filter(ended_at=None).count() >= MOST:
        raise Mistaken(_("You have %(n)d alerts already. End one first.") % {"n": MOST})
    if pace != Alert.Pace.LIVE:
        try:
            validate_email(address)
        except ValidationError as error:
            raise Mistaken(_("Write the one address the mails go to.")) from error
    made = Alert.objects.create(
        subscriber=subscriber,
        name=(name.strip() or words.strip() or _("Unnamed alert"))[:100],
        words=" ".join(words.split())[:200],
        filter=selection.to_json(),
        pace=pace,
        address=address if pace != Alert.Pace.LIVE else "",
        language=language,
        reached=subscriber.last_sequence,
    )
    if made.is_mailed:
        AlertMail.objects.create(alert=made, kind=AlertMail.Kind.CONFIRM)
    record(actor, "wire.alert_added", subscriber.urn, after={"alert": made.pk, "name": made.name, "pace": pace})
    return made


def saved_search(data: dict[str, list[str]]) -> Filter:
    """The filter of a form: languages, topics, places (with commas), media and an urgency. Raises Mistaken."""
    given = (data.get("urgency") or [""])[0]
    places = [place.strip() for line in data.get("places", []) for place in line.split(",")]
    try:
        return Filter.from_json(
            {
                "languages": [tag for tag in data.get("languages", []) if tag],
                "topics": [code for code in data.get("topics", []) if code],
                "places": [place for place in places if place],
                "media": data.get("media", []),
                "urgency": int(given) if given.isascii() and given.isdigit() else 9,
            }
        )
    except FilterError as error:
        raise Mistaken(str(error)) from error


def token_of(alert: Alert, verb: str) -> str:
    """What an address in a mail carries to confirm the alert, or to end it."""
    return signing.dumps([alert.pk, alert.address, verb], salt=SALT)


def of_token(token: str, verb: str) -> Alert | None:
    """The alert that a mail's address speaks of; None for one that was not made here, is old, or means another verb."""
    try:
        number, address, said = signing.loads(token, salt=SALT, max_age=CONFIRM_SECONDS if verb == "confirm" else None)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if said != verb:
        return None
    return Alert.objects.select_related("subscriber").filter(pk=number, address=address).first()


@action
def confirm_alert(actor: User, alert: Alert) -> None:
    """The owner of the address wants the mails; from the next item on. Event: `wire.alert_confirmed`."""
    alert = Alert.objects.select_for_update(of=("self",)).select_related("subscriber").get(pk=alert.pk)
    if alert.confirmed_at or alert.ended_at:
        return
    now = timezone.now()
    alert.confirmed_at, alert.reached = now, alert.subscriber.last_sequence
    alert.next_at = next_digest(alert.pace, now, timezone.get_default_timezone())
    alert.save(update_fields=["confirmed_at", "reached", "next_at"])
    record(actor, "wire.alert_confirmed", alert.subscriber.urn, after={"alert": alert.pk})


@action
def end_alert(actor: User, alert: Alert) -> None:
    """Look no more. What waits to be mailed is not; a kill of what was told still is. Event: `wire.alert_ended`."""
    alert = Alert.objects.select_for_update(of=("self",)).select_related("subscriber").get(pk=alert.pk)
    if alert.ended_at:
        return
    alert.ended_at = timezone.now()
    alert.save(update_fields=["ended_at"])
    record(actor, "wire.alert_ended", alert.subscriber.urn, before={"alert": alert.pk, "name": alert.name})
