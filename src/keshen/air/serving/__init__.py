"""Nodes that answer players: what they know of a service in memory, and playlists, segments and pictures from it."""
