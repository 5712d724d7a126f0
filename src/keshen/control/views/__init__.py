"""The control room's own screens."""
