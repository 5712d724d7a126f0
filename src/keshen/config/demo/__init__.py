"""The demo house: services, people, stories, pictures, sound and film, made here so that a newcomer sees it at work."""

from collections.abc import Callable


def seed(said: Callable[[str], None]) -> None:
    """Make what is missing of the demo house; `said` hears what is being done. Needs a migrated database."""
    from keshen.config.demo.house import make_house

    make_house(said)
