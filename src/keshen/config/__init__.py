"""Settings, addresses and entry points: where the rooms are put together."""
