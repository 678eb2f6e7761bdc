"""Mood Mirror: reads facial expressions locally and answers with the room."""

__version__ = "0.1.0"
