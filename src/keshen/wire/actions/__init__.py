"""The wire's verbs: the only place, beside the pump's receipts, where its rows change. Each may be repeated."""

from keshen.wire.actions.ahead import call_back, put_ahead
from keshen.wire.actions.clients import (
    add_product,
    add_subscriber,
    hash_of,
    new_key,
    resume,
    retry,
    suspend,
)
from keshen.wire.actions.deciding import decide_anew, reconsider
from keshen.wire.actions.killing import send_kill
from keshen.wire.actions.mistaken import Mistaken
from keshen.wire.actions.putting_out import defer_decision, put_out
from keshen.wire.actions.streams import CHANNEL, OUTLET
from keshen.wire.compose import agency

__all__ = [
    "CHANNEL",
    "OUTLET",
    "Mistaken",
    "add_product",
    "add_subscriber",
    "agency",
    "call_back",
    "decide_anew",
    "defer_decision",
    "hash_of",
    "new_key",
    "put_ahead",
    "put_out",
    "reconsider",
    "resume",
    "retry",
    "send_kill",
    "suspend",
]
