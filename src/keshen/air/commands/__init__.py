"""`keshen air` and `keshen send`."""
