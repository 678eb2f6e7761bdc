"""Somebody who is to become a user, and why they cannot."""

from __future__ import annotations

from dataclasses import dataclass

from mirrord.errors import MirrorError


class Unacceptable(MirrorError):
    """What was asked for an account cannot be; `field` is what is wrong with it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to be; the password in clear, so never to be logged."""

    username: str
    password: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""

    def __repr__(self) -> str:
        return f"NewUser({self.username!r})"
