"""Logs: JSON lines for machines, plain lines for a terminal, each with the id of its request."""

from __future__ import annotations

import logging
import re
import sys
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import msgspec

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
_SANE: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECRET: Final = re.compile(
    r"(?P<kept>mm1\.\d+\.\d+\.|://[^/\s:@]*:|\b(?:Token|Bearer|Mirror) |[?&][\w-]+=)"
    r"(?:(?<=://)[^/\s@]+(?=@)|[^\s&'\"@]+)"
)


def request_id(given: str | None) -> str:
    """Return the id that came with a request if it can stand in a log, or a new one."""
    return given if given and _SANE.fullmatch(given) else uuid.uuid4().hex


def scrubbed(text: str) -> str:
    """Return a text without what looks like a secret: the last line of defence, not the first."""
    return _SECRET.sub(lambda match: f"{match['kept']}***", text)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
        }
        if number := REQUEST_ID.get():
            line["request"] = number
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = scrubbed(self.formatException(record.exc_info))
        return msgspec.json.encode(line).decode()


class PlainLines(logging.Formatter):
    """A line for a person."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the id of the request if there is one."""
        number = REQUEST_ID.get()
        return scrubbed(super().format(record)) + (f" [{number}]" if number else "")


def set_up(stream: TextIO = sys.stderr, level: int = logging.INFO) -> logging.Handler:
    """Write what is logged to a stream; return the handler, for whoever takes it away again."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PlainLines() if stream.isatty() else JsonLines())
    logger = logging.getLogger("mirrord")
    logger.setLevel(level)
    logger.addHandler(handler)
    logger.propagate = False
    return handler
