"""PROCESS: assets, the house format, speech, captions, packages and the media store."""
