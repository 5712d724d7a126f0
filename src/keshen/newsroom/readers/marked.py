"""What is said of an item that its sender did not mark as usable."""

from __future__ import annotations

from keshen.house.phrases import Sentence, phrase, sentence


def marked(said: str, *, known: bool = True) -> Sentence:
    """The sender's own word for it; one that is not known withholds the item."""
    if known:
        return sentence(phrase("The sender marked it “%(said)s”.", said=said))
    return sentence(phrase("The sender marked it “%(said)s”, which is not known: it is withheld.", said=said))
