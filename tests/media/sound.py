"""Measuring what is heard where sounds join."""

from __future__ import annotations

from typing import Any

import numpy as np

AROUND, NEAR = 12_000, 1_024
"""A quarter of a second on either side is the neighbourhood; a frame on either side of the join is judged."""


def click(samples: np.ndarray[Any, Any], place: int) -> float:
    """How much sharper the sharpest edge at a join is than the sharpest in its neighbourhood: over 2 is heard.

    Edges are steps of the second difference, which a click is and music hardly has.
    """
    edges = np.abs(np.diff(samples.astype(float), 2))
    near = edges[max(0, place - NEAR) : place + NEAR]
    around = np.concatenate(
        [edges[max(0, place - AROUND) : max(0, place - NEAR)], edges[place + NEAR : place + AROUND]]
    )
    return float(near.max() / max(np.percentile(around, 99.9), 1e-4))
