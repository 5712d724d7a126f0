"""Searches that clients save, and what is told of what they find: on their page at once, by mail, or in a digest."""
