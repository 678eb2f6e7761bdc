"""How the tables came to be what they are: Alembic's scripts, and the one way they are run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.database import Database
from mirrord.errors import MirrorError

_HERE: Final = Path(__file__).parent
_LOCK: Final = 0x4D4D6972  # of PostgreSQL: of several processes that start, one migrates


async def upgrade(database: Database, to: str = "head") -> None:
    """Bring the tables to the newest form. Raises MirrorError for one that is newer than we are."""

    async def job(connection: AsyncConnection) -> None:
        await connection.run_sync(_upgrade, to)

    await database.write(job)


def config(connection: Any = None) -> Config:
    """Return Alembic's settings for an open connection."""
    found = Config()
    found.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    found.attributes["connection"] = connection
    return found


def _upgrade(connection: Connection, to: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    settings = config(connection)
    scripts = ScriptDirectory.from_config(settings)
    current = MigrationContext.configure(connection).get_current_revision()
    if to == "head" and current == scripts.get_current_head():
        return
    if current is not None and current not in {one.revision for one in scripts.walk_revisions()}:
        raise MirrorError(
            f"The database was made by a newer version of the collective ({current}): "
            "install that version, or restore a backup made by this one."
        )
    command.upgrade(settings, to)


async def revision(of: AsyncConnection) -> str:
    """Return the form that the tables have."""
    return await of.run_sync(
        lambda connection: MigrationContext.configure(connection).get_current_revision() or ""
    )
