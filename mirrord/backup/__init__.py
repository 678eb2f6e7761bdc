"""A copy of all that a mirror keeps, made while it runs; and putting one back (docs/backup.md)."""

from mirrord.backup.make import make_backup
from mirrord.backup.manifest import Manifest
from mirrord.backup.restore import Restored, restore

__all__ = ["Manifest", "Restored", "make_backup", "restore"]
