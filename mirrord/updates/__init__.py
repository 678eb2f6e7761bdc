"""Asks once a day whether there is a newer version, if the settings name where; installs nothing.

`checker.Updates` is the part of the running mirror; docs/reliability.md.
"""

from mirrord.updates.checker import Updates
from mirrord.updates.standing import Standing

__all__ = ["Standing", "Updates"]
