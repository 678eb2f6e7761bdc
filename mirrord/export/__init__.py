"""What the mirror remembers, as files for other programs (docs/export.md)."""
