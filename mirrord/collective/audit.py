"""What administrators did: written in the transaction in which it is done, so never one alone."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.numbers import new_number, now_ms
from mirrord.collective.schema import audit

COMMAND = "command"  # the actor's name of what was done on the machine itself, by no account


async def note(
    to: AsyncConnection,
    actor: int | None,
    name: str,
    act: str,
    kind: str,
    subject: str,
    detail: str = "",
) -> None:
    """Write down who (`actor`, `name`) did what (`act`) to which record (`kind`, `subject`).

    Subjects are numbers and names of records, never a mood, a password or a secret.
    """
    row = {
        "number": new_number(),
        "at": now_ms(),
        "actor": actor,
        "actor_name": name[:60],
        "act": act[:40],
        "kind": kind[:20],
        "subject": subject[:100],
        "detail": detail[:1000],
    }
    await to.execute(insert(audit), row)
