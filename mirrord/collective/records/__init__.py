"""The records of the accounts, as the shared resources ask for them.

Ownership is enforced here alone: every question names the caller's account, so what is somebody
else's is not there.
"""

from mirrord.collective.records.records import CollectiveRecords

__all__ = ["CollectiveRecords"]
