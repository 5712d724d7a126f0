"""What is said when a verb cannot do what was asked for."""


class Mistaken(ValueError):
    """What was asked for cannot be; the message says why and what to do."""
