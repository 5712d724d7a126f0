"""Television graphics: from a brief to what ffmpeg draws, in the house's own design."""

from keshen.media.graphics.filtergraph import filtergraph
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
from keshen.media.graphics.storyboard import storyboard

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
    "filtergraph",
    "storyboard",
]
