"""From the frame rate of what comes in to the house's: which frames are shown, and how sound stays with them.

Film is 24 frames a second, or 24000/1001. Shown at 25 by repeating a frame each second it stutters; so it is shown a
twenty-fourth faster, frame for frame, as European television has always done, with the pitch of the sound kept.
Material of 30 or 29.97 loses every sixth frame; what is left would jump, so frames are blended, but never across a
cut. From 50, 59.94 and 60 the frame nearest in time is near enough; of unknown and varying rates it is all there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

FILM_RATES: Final = (Fraction(24), Fraction(24_000, 1001))
BLENDED_RATES: Final = (Fraction(30), Fraction(30_000, 1001))
FILM_AT: Final = 25
NEAR: Final = Fraction(1, 2000)
"""How far a rate that a file says may be off: containers round."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How a source comes to the house's rate: ffmpeg filters for picture and sound, and how much faster it runs."""

    picture: str = ""
    sound: str = ""
    speed: Fraction = Fraction(1)

    def pictured(self, before: str) -> str:
        """The picture's filters behind others: what is blended was made progressive and small first."""
        return f"{before},{self.picture}" if self.picture else before

    def sounding(self, following: str) -> str:
        """The sound's filters with others behind them."""
        return f"{self.sound},{following}" if self.sound else following


PLAIN: Final = Cadence()


def cadence(rate: Fraction | None, house_rate: int) -> Cadence:
    """How material of `rate` frames a second comes to `house_rate`; None is a rate that varies or is not known."""
    if rate is None or house_rate % FILM_AT:
        return PLAIN
    if film := _near(rate, FILM_RATES):
        speed = FILM_AT / film
        return Cadence(f"setpts=PTS*{1 / speed}", f"atempo={float(speed):.9f}", speed)
    if _near(rate, BLENDED_RATES):
        return Cadence(f"framerate=fps={house_rate}:interp_start=0:interp_end=255")
    return PLAIN


def _near(rate: Fraction, rates: tuple[Fraction, ...]) -> Fraction | None:
    return next((one for one in rates if abs(rate - one) <= one * NEAR), None)
