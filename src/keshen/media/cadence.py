"""From the frame rate of what comes in to the house's: which frames are shown, and how sound stays with them.

Film is 24 frames a second, or 24000/1001. Shown at 25 by repeating a frame each second it stutters; so it is shown a
twenty-fourth faster, frame for frame, as European television has always done, with the pitch of the sound kept.
Material of 30 or 29.97 loses every sixth frame; what is left would jump, so frames are blended, but never across a
cut. From 50, 59.94 and 60 the frame nearest in time is near enough; of unknown and varying rates it is all there is.

Where renditions of 30 or 29.97 are made too, all of them have to have one length. Film then keeps its speed, and each
rendition is blended by itself: from 25 to 30, and from 30 to 25.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from keshen.media.houseformat import Rate

FILM_RATES: Final = (Fraction(24), Fraction(24_000, 1001))
BLENDED_RATES: Final = (Fraction(30), Fraction(30_000, 1001))
FILM_AT: Final = 25
EUROPE: Final = (Fraction(25), Fraction(50))
AMERICA: Final = BLENDED_RATES
NEAR: Final = Fraction(1, 2000)
"""How far a rate that a file says may be off: containers round."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How a source comes to the house's rate: ffmpeg filters for picture and sound, and how much faster it runs.

    `shown_at` is the source's own rate where each rendition is blended by itself.
    """

    picture: str = ""
    sound: str = ""
    speed: Fraction = Fraction(1)
    shown_at: Fraction | None = None

    def pictured(self, before: str) -> str:
        """The picture's filters behind others: what is blended was made progressive and small first."""
        return f"{before},{self.picture}" if self.picture else before

    def sounding(self, following: str) -> str:
        """The sound's filters with others behind them."""
        return f"{self.sound},{following}" if self.sound else following


PLAIN: Final = Cadence()


def cadence(rate: Fraction | None, *house_rates: Rate) -> Cadence:
    """How material of `rate` frames a second comes to those of the house; None is a rate that varies or is unknown."""
    if rate is None:
        return PLAIN
    if any(one % FILM_AT for one in house_rates):
        return Cadence(shown_at=rate)
    if film := _near(rate, FILM_RATES):
        speed = FILM_AT / film
        return Cadence(f"setpts=PTS*{1 / speed}", f"atempo={float(speed):.9f}", speed)
    if _near(rate, BLENDED_RATES):
        return Cadence(_blend(max(house_rates)))
    return PLAIN


def blended(rate: Fraction | None, to: Rate) -> str:
    """The filter that blends material of `rate` into a rendition; empty where the nearest frame is as good."""
    kin = next((kin for kin in (EUROPE, AMERICA) if rate is not None and _near(rate, kin)), ())
    return _blend(to) if kin and to not in kin else ""


def _blend(to: Rate) -> str:
    return f"framerate=fps={to}:interp_start=0:interp_end=255"


def _near(rate: Fraction, rates: tuple[Fraction, ...]) -> Fraction | None:
    return next((one for one in rates if abs(rate - one) <= one * NEAR), None)
