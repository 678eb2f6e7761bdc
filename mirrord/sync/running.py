"""The sync of the running mirror: its sender, and the desk of the page."""

from __future__ import annotations

from collections.abc import Callable

from mirrord.config import Config
from mirrord.runtime.boot_clock import BootClock
from mirrord.store import Store
from mirrord.sync.desk import SyncDesk
from mirrord.sync.link import LinkFile, link_path
from mirrord.sync.post import Post
from mirrord.sync.sender import Sender


class Sync:
    """Both over one store; `config` returns the settings that hold now."""

    def __init__(self, store: Store, clock: BootClock, config: Callable[[], Config]) -> None:
        file = LinkFile(link_path(config()))
        post = Post(store, lambda: config().sync.ca_file)
        self.sender = Sender(store, file, lambda: config().sync, clock, post)
        self.desk = SyncDesk(store, file, self.sender, post, lambda: config().mirror.name)
