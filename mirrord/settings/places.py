"""Whether the database and the page could be where the settings want them, tried out."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

from mirrord.config import Config, store_path


def store_trouble(path: Path) -> str:
    """Return why the database cannot be kept there, or nothing."""
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if path.is_dir() or not folder.is_dir():
        return f"{path}: expected a file"
    target = path if path.exists() else folder
    return "" if os.access(target, os.W_OK) else f"{target} cannot be written"


def page_trouble(host: str, port: int) -> str:
    """Return why the page cannot be served there, or nothing."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        return "in use (by a running mirror?)" if busy else error.strerror or str(error)
    return ""


def place_troubles(old: Config, new: Config) -> dict[str, str]:
    """Return what is wrong, by key, with the places of `new` that differ from those of `old`.

    The port of `old` may be taken by ourselves: there the host alone is tried.
    """
    troubles = {}
    if new.store.path != old.store.path:
        troubles["store.path"] = store_trouble(store_path(new))
    if new.web != old.web:
        port = 0 if new.web.port == old.web.port else new.web.port
        key = "web.host" if port == 0 else "web.port"
        troubles[key] = page_trouble(new.web.host, port)
    return {key: trouble for key, trouble in troubles.items() if trouble}
