"""Television graphics: from a brief to what ffmpeg draws, in the house's own design."""

from keshen.media.graphics.shots import (
    Background,
    FontMissing,
    Graph,
    GraphicsProblem,
    Layer,
    Motion,
    Picture,
    PictureUnreadable,
    Shot,
    Timings,
)

__all__ = [
    "Background",
    "FontMissing",
    "Graph",
    "GraphicsProblem",
    "Layer",
    "Motion",
    "Picture",
    "PictureUnreadable",
    "Shot",
    "Timings",
]
