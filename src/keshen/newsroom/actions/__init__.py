"""The newsroom's verbs: the only place where stories change."""

from keshen.newsroom.actions.publishing import approve, correct, kill, publish, release, send_back, submit
from keshen.newsroom.actions.steps import Conflict, NotPublishable, TooEarly
from keshen.newsroom.actions.writing import add_text, create_story, link, save_draft, save_version

__all__ = [
    "Conflict",
    "NotPublishable",
    "TooEarly",
    "add_text",
    "approve",
    "correct",
    "create_story",
    "kill",
    "link",
    "publish",
    "release",
    "save_draft",
    "save_version",
    "send_back",
    "submit",
]
