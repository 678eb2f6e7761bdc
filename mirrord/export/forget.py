"""What `mirrord forget` does, and how it says what goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from mirrord.config import Config, store_path
from mirrord.errors import ConfigError
from mirrord.runtime.moment import parse_moment
from mirrord.store.forgetting import Going, forget_in, going
from mirrord.store.limits import Limits
from mirrord.store.queries import Chosen


def chosen(everything: bool, session: str | None, since: str | None, until: str | None) -> Chosen:
    """Return what options or a request ask to be forgotten, in words. Raises ConfigError."""
    said = [one for one in (session, since, until) if one is not None]
    if everything == bool(said):
        raise ConfigError("say what is to be forgotten: all, or a session, since or until")
    now = datetime.now(UTC)
    begin = parse_moment(since, now, "since") if since is not None else None
    end = parse_moment(until, now, "until") if until is not None else None
    if begin and end and begin >= end:
        raise ConfigError("since: lies behind until: nothing is between them")
    return Chosen(session, begin, end)


def forget(config: Config, what: Chosen, agreed: Callable[[str], bool]) -> str:
    """Delete for good once `agreed` says so, told what goes; return what to say.

    Works beside a running mirror and without one. Raises MirrorError.
    """
    path = store_path(config)
    asked = going(path, what)
    if not agreed(f"{sentence(asked)} What is deleted cannot be brought back."):
        return "Nothing was deleted."
    limits = Limits(config.store.keep_days, config.store.max_mb)
    gone = forget_in(path, limits, what)
    return f"{_count(gone.readings, 'reading')} deleted; {path} was made anew without them."


def sentence(asked: Going) -> str:
    """Return what goes, for a person."""
    parts = [
        _count(asked.readings, "reading"),
        f"{_count(asked.responses, 'answer')} of the room",
        f"{_count(asked.sessions, 'whole session')}",
    ]
    span = ""
    if asked.oldest and asked.newest:
        span = f" from {_local(asked.oldest)} to {_local(asked.newest)}"
    damaged = ""
    if asked.damaged_files:
        damaged = f" So do {_count(asked.damaged_files, 'damaged older file')} of the store."
    return f"{', '.join(parts)}{span} go, and the averages and logs of that time.{damaged}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
