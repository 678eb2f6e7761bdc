"""What a name, an address and a password have to be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Final

from zxcvbn import zxcvbn

from mirrord.credentials.people import NewUser, Unacceptable

_NAME: Final = re.compile(r"[\w.@+-]{1,60}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
SHORTEST: Final = 10
LONGEST: Final = 200
_JUDGED: Final = 32  # zxcvbn may take seconds for more; what is good so far stays good
_GOOD: Final = 2  # of 0 to 4: beyond a hundred million guesses


def checked(new: NewUser) -> NewUser:
    """Return the user with the texts put in order. Raises Unacceptable."""
    username = folded_text(new.username)
    if not _NAME.fullmatch(username):
        raise Unacceptable(
            "username", "expected 1 to 60 letters, digits and any of . @ + - _, without spaces"
        )
    check_password(new.password, username)
    return replace(
        new,
        username=username,
        email=checked_email(new.email),
        first_name=checked_words("first_name", new.first_name),
        last_name=checked_words("last_name", new.last_name),
    )


def check_password(password: str, username: str) -> None:
    """Raise Unacceptable if the password is too short, too long or easily guessed."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Unacceptable("password", f"expected {SHORTEST} to {LONGEST} characters")
    if zxcvbn(password[:_JUDGED], user_inputs=[username, "mirror"])["score"] < _GOOD:
        raise Unacceptable("password", "is easily guessed; take a few words that nobody expects")


def checked_email(email: str) -> str:
    """Return the address without spaces around. Raises Unacceptable."""
    email = email.strip()
    if email and (len(email) > 254 or not _EMAIL.fullmatch(email)):
        raise Unacceptable("email", "expected an address such as name@example.org, or nothing")
    return email


def checked_words(field: str, text: str, longest: int = 60) -> str:
    """Return a short text on one line, without spaces around. Raises Unacceptable."""
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > longest or any(unicodedata.category(one).startswith("C") for one in text):
        raise Unacceptable(field, f"expected at most {longest} characters on one line")
    return text


def folded_text(username: str) -> str:
    """Return the name as it is kept: NFKC, so that look-alike spellings are one."""
    return unicodedata.normalize("NFKC", username).strip()


def folded(username: str) -> str:
    """Return what makes a name unique: capitals do not matter."""
    return folded_text(username).casefold()
