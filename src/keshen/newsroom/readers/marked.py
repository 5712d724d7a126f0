"""What is said of an item that its sender did not mark as usable, or not for ever."""

from __future__ import annotations

from keshen.house.phrases import Sentence, phrase, sentence
from keshen.newsroom.readers.moments import moment


def marked(said: str, *, known: bool = True) -> Sentence:
    """The sender's own word for it; one that is not known withholds the item."""
    if known:
        return sentence(phrase("The sender marked it “%(said)s”.", said=said))
    return sentence(phrase("The sender marked it “%(said)s”, which is not known: it is withheld.", said=said))


def outdated(said: object) -> tuple[Sentence, ...]:
    """The warning that an item has a time from which its sender counts it as outdated; nothing where it has none."""
    expires = moment(said)
    if expires is None:
        return ()
    return (sentence(phrase("The sender counts it as outdated from %(moment)s.", moment=expires.isoformat())),)
