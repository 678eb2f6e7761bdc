"""Passwords, keys and the one-time code: how they are made and how they are recognised.

A password is stretched with Argon2id (RFC 9106). A key is 256 random bits, which nobody guesses, so
its SHA-256 is enough to keep.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB is what OWASP's password storage sheet asks for at least, with one turn more than it asks:
# a Pi has little memory to spare beside its networks, and it has time.
_hasher: Final = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is mistaken for another
CODE_LETTERS: Final = 8


def stretched(password: str) -> str:
    """Return the hash to keep. Takes a tenth of a second on purpose."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Tell whether it is the password; of a user that is not there (None) in the same time."""
    nobodys = _nobodys()  # made by whoever signs in first, so that this tells nothing either
    try:
        _hasher.verify(kept or nobodys, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def outdated(kept: str) -> bool:
    """Tell whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def new_key() -> str:
    """Return a new secret of 256 bits."""
    return secrets.token_urlsafe(32)


def new_handle() -> str:
    """Return a name for a key that tells nothing of it."""
    return secrets.token_hex(8)


def digest(secret: str) -> bytes:
    """Return what is kept of a key or a code."""
    return hashlib.sha256(secret.encode()).digest()


def new_code() -> str:
    """Return a one-time code of 39 bits, such as 7KQM-2XWP."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LETTERS))
    return f"{letters[:4]}-{letters[4:]}"


def plain_code(typed: str) -> str:
    """Return a code as it is compared: without dashes, spaces and small letters."""
    return "".join(one for one in typed.upper() if one.isalnum())
