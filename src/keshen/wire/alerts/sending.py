"""Sending the mails of alerts: one at a time, once in effect, with what the client may have at that very moment."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from keshen.wire.alerts.models import AlertHit, AlertMail
from keshen.wire.alerts.verbs import token_of
from keshen.wire.channels.mail import sender, server
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.queries import standing

CLAIM = timedelta(seconds=90)
"""How long nobody else sends a mail that somebody began to send; longer than the server is given."""
SERVER_SECONDS = 30.0
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
MOST_TRIES = 30


def send_due(most: int = 100) -> int:
    """Send what waits, oldest first, at most `most` mails; returns how many were dealt with."""
    if not settings.KESHEN_SMTP_URL:
        return 0  # they wait until the house has a mail server
    done = 0
    while done < most and (mail := _claim()) is not None:
        _send(mail)
        done += 1
    return done


@transaction.atomic
def _claim() -> AlertMail | None:
    """The next mail, ours alone for a while. Of one alert they go in order: a kill never goes before its item."""
    now = timezone.now()
    free = Q(state=AlertMail.State.WAITING) | Q(state=AlertMail.State.SENDING, claimed_until__lt=now)
    unsettled = [AlertMail.State.WAITING, AlertMail.State.SENDING]
    before = AlertMail.objects.filter(alert=OuterRef("alert"), pk__lt=OuterRef("pk"), state__in=unsettled)
    rows = AlertMail.objects.select_for_update(of=("self",), skip_locked=True).filter(free, ~Exists(before))
    rows = rows.filter(Q(next_at=None) | Q(next_at__lte=now))
    mail = rows.select_related("alert__subscriber__product").order_by("id").first()
    if mail is not None:
        mail.state, mail.claimed_until, mail.attempts = AlertMail.State.SENDING, now + CLAIM, mail.attempts + 1
        mail.save(update_fields=["state", "claimed_until", "attempts"])
    return mail


def _send(mail: AlertMail) -> None:
    rows = _tellable(mail)
    with translation.override(mail.alert.language):
        message = compose(mail, rows)
    if message is None:
        _settle(mail, AlertMail.State.DROPPED, _("Nothing of it may be told any more."))
        return
    # before it is sent: what may have arrived must be taken back when it is killed
    AlertHit.objects.filter(mail=mail, delivery__in=rows).update(told=True)
    try:
        with server(SERVER_SECONDS) as open_server:
            open_server.send_message(message, parseaddr(sender())[1] or sender(), [mail.alert.address])
    except smtplib.SMTPRecipientsRefused as refused:
        code, why = next(iter(refused.recipients.values()))
        _missed(mail, f"{code} {why!r}", for_good=code >= 500)
    except smtplib.SMTPDataError as refused:
        _missed(mail, f"{refused.smtp_code} {refused.smtp_error!r}", for_good=refused.smtp_code >= 500)
    except (smtplib.SMTPException, OSError) as problem:
        _missed(mail, f"{type(problem).__name__}: {problem}", for_good=False)
    else:
        _settle(mail, AlertMail.State.SENT)


def _settle(mail: AlertMail, state: AlertMail.State, reason: str = "") -> None:
    now = timezone.now() if state == AlertMail.State.SENT else None
    AlertMail.objects.filter(pk=mail.pk, attempts=mail.attempts).update(
        state=state, reason=reason, claimed_until=None, sent_at=now
    )


def _missed(mail: AlertMail, reason: str, *, for_good: bool) -> None:
    """Try again later, with waits that double; what the server refuses for good, or too often, has failed."""
    if for_good or mail.attempts >= MOST_TRIES:
        _settle(mail, AlertMail.State.FAILED, reason)
        return
    wait = min(FIRST_WAIT * 2 ** min(mail.attempts - 1, 12), LONGEST_WAIT)
    AlertMail.objects.filter(pk=mail.pk, attempts=mail.attempts).update(
        state=AlertMail.State.WAITING, reason=reason, claimed_until=None, next_at=timezone.now() + wait
    )


def compose(mail: AlertMail, rows: Sequence[Delivery]) -> EmailMessage | None:
    """The mail that tells of these; None when there are none, and it is not to ask for the address."""
    alert = mail.alert
    if not rows and mail.kind != AlertMail.Kind.CONFIRM:
        return None
    withdrawn = mail.kind == AlertMail.Kind.WITHDRAWN
    context = {
        "alert": alert,
        "agency": alert.subscriber.name,
        "rows": [(row, _address(reverse("wire:client-item", args=[row.sequence]))) for row in rows],
        "withdrawn": withdrawn,
        "confirm": _address(reverse("wire:alert-confirm") + f"?t={token_of(alert, 'confirm')}"),
        "end": _address(reverse("wire:alert-end-by-mail") + f"?t={token_of(alert, 'end')}"),
    }
    if mail.kind == AlertMail.Kind.CONFIRM:
        subject, template = _("Confirm the alert “%(name)s”") % {"name": alert.name}, "confirm"
    elif withdrawn:
        subject, template = "KILL: " + " · ".join(_line(row.version.headline) for row in rows[:3]), "items"
        if not any(row.is_kill for row in rows):
            subject = _("Held: %(headline)s") % {"headline": _line(rows[0].version.headline)}
    elif len(rows) == 1:
        subject, template = _line(rows[0].version.headline) or alert.name, "items"
    else:
        subject, template = _("%(name)s: %(n)d items") % {"name": alert.name, "n": len(rows)}, "items"
    made = EmailMessage(policy=SMTP)
    domain = parseaddr(sender())[1].rpartition("@")[2] or "localhost"
    made["From"], made["To"], made["Subject"] = sender(), alert.address, _line(subject)[:200]
    made["Date"], made["Message-ID"] = formatdate(), f"<{name_of(mail)}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    if mail.kind != AlertMail.Kind.CONFIRM:
        made["List-Unsubscribe"] = f"<{context['end']}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(render_to_string(f"wire/alerts/{template}.txt", context))
    made.add_alternative(render_to_string(f"wire/alerts/{template}.html", context), subtype="html")
    return made


def name_of(mail: AlertMail) -> str:
    """The left part of the Message-ID, the same at every try, which is what makes two of them one."""
    secret = hashlib.sha256(f"{settings.SECRET_KEY}:alert:{mail.pk}".encode()).hexdigest()[:16]
    return f"alert.{mail.alert_id}.{mail.pk}.{secret}"


def _tellable(mail: AlertMail) -> list[Delivery]:
    """What of the mail may be told now: not what was killed, stopped by rights, overtaken or is not the client's any
    more. A kill is told whatever else holds, of what was told before."""
    subscriber: Subscriber = mail.alert.subscriber
    rows = Delivery.objects.filter(pk__in=mail.hits.values("delivery")).select_related("version__text", "story")
    rows = rows.defer("payload").order_by("sequence")
    if mail.kind == AlertMail.Kind.WITHDRAWN:
        # only what was told is taken back
        told = set(mail.alert.hits.filter(told=True, withdrawn=False).values_list("delivery__story", flat=True))
        return [row for row in rows if row.story_id in told]
    if subscriber.state != Subscriber.State.ACTIVE or mail.alert.ended_at is not None:
        return []
    return list(rows.filter(pk__in=standing(subscriber).values("pk"), is_kill=False, called_back=False))


def _address(path: str) -> str:
    return f"{settings.KESHEN_URL}{path}"


def _line(words: str) -> str:
    return " ".join(words.split())
