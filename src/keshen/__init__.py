"""Keshen: one program that runs a whole media house."""

__version__ = "0.1.0"
