"""Breaking things on purpose, to see that the mirror gets over it (docs/reliability.md)."""
