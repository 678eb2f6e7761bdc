"""Mirrors: how they are enrolled, what they hold, and what they send."""
