"""Run in the place of a service, with all that systemd keeps from it: tries what it must not.

    python3 attack.py CAMERA

Prints one JSON object. It needs nothing but Python, since it runs in a fresh Debian.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import stat
import sys
from collections.abc import Iterator


def main(camera: str) -> None:
    found = list(attempts())
    print(
        json.dumps(
            {
                "user": os.getuid(),
                "writable": [path for path, device in found if not device],
                "devices": [path for path, device in found if device],
                "camera": outcome(camera, os.O_RDWR),
                "interfaces": [name for _, name in socket.if_nameindex()],
                "page": page(),
                "internet": made(socket.AF_INET),
            }
        )
    )


def attempts() -> Iterator[tuple[str, bool]]:
    """Yield what could be opened for writing or made, and whether it is a device."""
    for folder, folders, files in os.walk("/"):
        if folder == "/":
            folders.remove("proc")  # the kernel's own view of each process
        new = os.path.join(folder, ".attack")
        if outcome(new, os.O_WRONLY | os.O_CREAT) == "":
            os.unlink(new)
            yield folder, False
        for path in (os.path.join(folder, name) for name in files):
            mode = os.lstat(path).st_mode if os.path.lexists(path) else 0
            if (stat.S_ISREG(mode) or stat.S_ISCHR(mode)) and outcome(path, os.O_WRONLY) == "":
                yield path, stat.S_ISCHR(mode)


def outcome(path: str, how: int) -> str:
    """Open a file and close it again; return the name of the error, "" if there was none."""
    try:
        os.close(os.open(path, how | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return ""


def page() -> str:
    try:
        socket.create_connection(("127.0.0.1", 8080), 2).close()
    except OSError as error:
        return type(error).__name__
    return ""


def made(family: int) -> str:
    try:
        socket.socket(family).close()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return ""


if __name__ == "__main__":
    main(sys.argv[1])
