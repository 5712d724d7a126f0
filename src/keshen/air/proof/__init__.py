"""Proof of what aired: the rules of time checked from outside, alarms, the as-run of a day as a sealed record."""
