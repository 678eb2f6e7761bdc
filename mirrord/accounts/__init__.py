"""Who may use the page: users, their passwords, their sessions and tokens (docs/access.md)."""

from mirrord.accounts.accounts import Accounts
from mirrord.accounts.book import AccountBook
from mirrord.accounts.records import ROLES, Key, NewUser, Role, Scope, Unacceptable, User

__all__ = [
    "ROLES",
    "AccountBook",
    "Accounts",
    "Key",
    "NewUser",
    "Role",
    "Scope",
    "Unacceptable",
    "User",
]
