"""The database behind the collective: SQLite for one process, PostgreSQL for many."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from mirrord.errors import MirrorError, Unavailable
from mirrord.runtime.files import belong_to_folder

log = logging.getLogger(__name__)
T = TypeVar("T")
Job = Callable[[AsyncConnection], Awaitable[T]]

ANSWER_S: Final = 30.0  # within which a job has to be done
_TRIES: Final = 4
_AGAIN: Final = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock: nobody's fault
_WRITING: Final = "writing"


class Database:
    """Reads and writes in transactions. Made by `Database.open`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{_WRITING: True})
        self.dialect: Final = engine.dialect.name  # "sqlite" or "postgresql"
        # On PostgreSQL each statement of a reader sees what is committed, within a transaction or
        # not; without one there is one question on the way instead of three.
        single = {} if self.dialect == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
        self._reader = engine.execution_options(**single)
        # SQLite takes one writer at a time; waiting here costs no time-out and keeps the order.
        self._turn = asyncio.Lock() if self.dialect == "sqlite" else None
        self.jobs = 0  # that are done now, or wait for their turn
        self.problem = ""  # why the last job failed; empty when all is well

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, connections: int = 10) -> AsyncIterator[Self]:
        """Open the database of an address. Its tables are for `migrations.upgrade` to make."""
        engine = _engine(url, connections)
        try:
            yield cls(engine)
        finally:
            await engine.dispose()

    async def read(self, job: Job[T]) -> T:
        """Return what a job reads. Raises Unavailable."""
        return await self._done(self._reader, job)

    async def write(self, job: Job[T]) -> T:
        """Do a job in one transaction, again where others were in its way.

        Raises Unavailable, whatever the job raises, and IntegrityError for a key that is taken.
        """
        return await self._done(self._writer, job, turn=self._turn)

    async def snapshot(self, job: Job[T]) -> T:
        """Return what a long job reads, all of it as of one moment. Raises Unavailable."""
        engine = self._engine
        if self._turn is None:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        return await self._done(engine, job, None)

    async def write_long(self, job: Job[T]) -> T:
        """Do a job that may take its time, as `write` does."""
        return await self._done(self._writer, job, None, self._turn)

    async def check(self) -> None:
        """Raise Unavailable if nothing can be asked now."""
        await self.read(lambda connection: connection.execute(text("SELECT 1")))

    async def _done(
        self,
        engine: AsyncEngine,
        job: Job[T],
        within_s: float | None = ANSWER_S,
        turn: asyncio.Lock | None = None,
    ) -> T:
        self.jobs += 1
        try:
            async with turn or nullcontext():
                return await self._tried(engine, job, within_s)
        finally:
            self.jobs -= 1

    async def _tried(self, engine: AsyncEngine, job: Job[T], within_s: float | None) -> T:
        for left in reversed(range(_TRIES)):
            was_done = False  # whether only the end of the transaction was missing
            try:
                async with asyncio.timeout(within_s), engine.begin() as connection:
                    result = await job(connection)
                    was_done = True
                self.problem = ""
                return result
            except IntegrityError:
                raise
            except DBAPIError as error:
                if left and _may_repeat(error, was_done):
                    continue
                raise self._unavailable(error) from error
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                raise self._unavailable(error) from error
        raise AssertionError  # the last try returns or raises

    def _unavailable(self, error: Exception) -> Unavailable:
        kind = "takes too long" if isinstance(error, TimeoutError | PoolTimeout) else "fails"
        if not self.problem:
            log.warning("the database %s: %s", kind, _first_line(error))
        self.problem = f"the database {kind}"
        return Unavailable("The records cannot be read or written now; try again in a moment.")


def _may_repeat(error: DBAPIError, was_done: bool) -> bool:
    """Tell whether a job can be done again: nothing of it can have been stored.

    A connection that broke is found out when it is next used; all of its age are let go with it.
    """
    if error.connection_invalidated:
        return not was_done
    return getattr(error.orig, "sqlstate", "") in _AGAIN


def sqlite_url(path: Path) -> str:
    """Return the address of a file."""
    return f"sqlite:///{path}"


def _engine(url: str, connections: int) -> AsyncEngine:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address.set(drivername="sqlite+aiosqlite"), connections)
    options: dict[str, Any] = {
        "connect_args": {
            "timeout": 5,
            "server_settings": {
                "application_name": "mirrord-collective",
                "lock_timeout": "20s",
                "idle_in_transaction_session_timeout": "60s",
                "timezone": "UTC",
            },
        }
    }
    return create_async_engine(
        address.set(drivername="postgresql+asyncpg"),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=20,
        hide_parameters=True,  # an error that is logged must not tell what was stored
        **options,
    )


def _sqlite(address: Any, connections: int) -> AsyncEngine:
    if address.database:
        folder = Path(address.database).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not Path(address.database).exists():
                Path(address.database).touch(mode=0o600)
                belong_to_folder(Path(address.database))
        except OSError as error:
            raise MirrorError(
                f"{address.database}: cannot be made ({error.strerror}): choose another [database] "
                "url"
            ) from None
    engine = create_async_engine(
        address,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=20,
        hide_parameters=True,
        connect_args={"timeout": 10},
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, not at the first change
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-16000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    # A reader that becomes a writer halfway fails if another was quicker; so writers say it first.
    writes = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).partition("\n")[0] or type(error).__name__
