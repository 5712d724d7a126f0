"""When rights stop a correction: who has the version it corrects is told to use that no longer.

The notice calls back the version the client has, carries none of the words the rights keep back, and is overtaken by
the next version the client may have.
"""

from __future__ import annotations

from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext as _

from keshen.house.models import Service, User
from keshen.newsroom.models import Version
from keshen.wire.actions.streams import UNSENT, freeze
from keshen.wire.cancelling import WITHDRAWN
from keshen.wire.compose import called_back, item_of
from keshen.wire.models import Delivery, Subscriber

SPOKEN = ("kk", "ru")
"""Languages the notice is written in, in each of their scripts; in any other it is in English."""


def withdrawal(actor: User, version: Version, service: Service, subscriber: Subscriber) -> Delivery | None:
    """The notice for a client that may not have `version`, to be lined up; None where it has nothing that is wrong now.

    What of the text still waits is not sent.
    """
    theirs = Delivery.objects.filter(subscriber=subscriber, version__text=version.text)
    theirs.filter(state__in=UNSENT, called_back=False).exclude(version=version).update(
        state=Delivery.State.CANCELLED, reason=WITHDRAWN, next_at=None
    )
    last = theirs.exclude(sequence=None).select_related("version", "publication").order_by("-sequence").first()
    if last is None or last.publication is None or last.version.number >= version.number:
        return None
    had = item_of(last.publication)
    if had.is_notice:
        return None
    last.version.text = version.text
    rounds = theirs.filter(version=last.version).order_by("-round").values_list("round", flat=True)
    number = (rounds.first() or 0) + 1
    notice = replace(
        called_back(had, _reason(had.language)), version=version.number, version_urn=f"{version.urn}.withheld"
    )
    return Delivery(
        subscriber=subscriber,
        story=version.text.story,
        version=last.version,
        tag=last.tag,
        round=number,
        called_back=True,
        publication=freeze(actor, last.version, service, notice, f"back{number}"),
    )


def _reason(tag: str) -> str:
    tag = tag.lower()
    with translation.override(tag if tag.split("-")[0] in SPOKEN else "en"):
        return _("This text was corrected. The correction is not for your use: do not use the text any longer.")
