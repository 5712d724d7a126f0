"""Variants of a channel by territory, platform, language and hour: what is denied to whom, what is shown instead."""
