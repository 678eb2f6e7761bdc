"""How log lines are written: for the journal with their level, for people in colour or plain."""

from __future__ import annotations

import logging
import os
import sys
from typing import Final, TextIO

from rich.console import Console
from rich.logging import RichHandler

from mirrord.runtime.secret import redacted

# What sd-daemon(3) takes at the beginning of a line; the journal shows and filters by it.
_LEVELS: Final = (
    (logging.CRITICAL, 2),
    (logging.ERROR, 3),
    (logging.WARNING, 4),
    (logging.INFO, 6),
)
_DEBUG: Final = 7


class Plain(logging.Formatter):
    """Blots out every secret that this process has read or written, whoever names it."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class ForJournal(Plain):
    """Puts the level before each line, since the journal takes each for a message of its own."""

    def __init__(self) -> None:
        super().__init__("%(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        level = next((code for least, code in _LEVELS if record.levelno >= least), _DEBUG)
        lines = super().format(record).splitlines() or [""]
        return "\n".join(f"<{level}>{line}" for line in lines)


def set_up(*, verbose: bool) -> None:
    """Log to standard error: to the journal, to a person's terminal, or to a file."""
    logging.basicConfig(level=logging.WARNING, handlers=[_handler(sys.stderr)])
    logging.getLogger("mirrord").setLevel(logging.DEBUG if verbose else logging.INFO)


def _handler(stream: TextIO) -> logging.Handler:
    if stream.isatty():
        console = Console(file=stream, highlight=False)
        shown = RichHandler(console=console, show_path=False, rich_tracebacks=False)
        shown.setFormatter(Plain("%(message)s"))
        return shown
    handler = logging.StreamHandler(stream)
    journal = leads_to_journal(stream)
    # Where the journal does not listen, whoever reads adds the time.
    handler.setFormatter(ForJournal() if journal else Plain("%(levelname)s %(name)s: %(message)s"))
    return handler


def leads_to_journal(stream: TextIO) -> bool:
    """Return whether systemd has connected this stream, and not another, with the journal."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return (device, inode) == (str(status.st_dev), str(status.st_ino))
