"""Machinery that knows nothing of mirrors."""
