"""What comes in on the wire: sources, how each is looked at, what was understood, and which desk it goes to."""
