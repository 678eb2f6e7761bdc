"""A copy of all that a mirror keeps, made while it runs; and putting one back (docs/backup.md)."""
