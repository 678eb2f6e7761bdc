"""The asking end of the status socket. Blocking, and bounded in time."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any, Final

import msgspec

from mirrord.errors import MirrorError, Unavailable
from mirrord.status.socket import reachable

_PATIENCE_S: Final = 5.0
_MOST_BYTES: Final = 1_000_000


class NotRunning(MirrorError):
    """No mirror listens there."""


def ask(path: Path, word: str, patience_s: float = _PATIENCE_S) -> dict[str, Any]:
    """Return what the running mirror answers.

    Raises NotRunning if there is none, and Unavailable if one is there but does not answer.
    """
    try:
        said = _asked(path, word, patience_s)
        answer: dict[str, Any] = msgspec.json.decode(said, type=dict[str, Any])
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        raise NotRunning(f"no mirror is running with these settings ({path})") from None
    except PermissionError:
        raise Unavailable(f"{path} belongs to another user: ask as that user, or as root") from None
    except (OSError, msgspec.DecodeError) as error:
        why = f"{error}" or "it broke off"
        raise Unavailable(f"a mirror is running, but does not answer ({why})") from None
    if "error" in answer:
        raise Unavailable(str(answer["error"]))
    return answer


def _asked(path: Path, word: str, patience_s: float) -> bytes:
    ends = time.monotonic() + patience_s
    said = bytearray()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, reachable(path) as name:
        line.settimeout(patience_s)
        line.connect(name)
        line.sendall(word.encode() + b"\n")
        while not said.endswith(b"\n") and len(said) < _MOST_BYTES:
            line.settimeout(max(0.01, ends - time.monotonic()))
            piece = line.recv(65536)
            if not piece:
                break
            said += piece
    return bytes(said)
