"""What starts, in which order, and what stops: the same, mirrored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from mirrord.config import Config
from mirrord.daemon.files import Memory, opened
from mirrord.daemon.mirror import Daemon
from mirrord.daemon.page import served
from mirrord.daemon.work import until, working
from mirrord.driver_host import configured
from mirrord.runtime.allocator import few_arenas
from mirrord.runtime.stopping import set_by_signals
from mirrord.runtime.systemd import Notifier
from mirrord.runtime.watchdog import watched
from mirrord.settings.adoption import Cameras
from mirrord.status import serve_status, socket_path


async def run(
    config: Config,
    *,
    demo: bool = False,
    ready: Callable[[Daemon, str], None] | None = None,
    stop: asyncio.Event | None = None,
    cameras: Cameras = list,
) -> None:
    """Run the mirror until SIGINT or SIGTERM, or until `stop` is set.

    `ready` is called with the daemon and the page's address; `cameras` lists what cameras there are
    (`mirrord.sight_cameras.find_cameras`). Raises MirrorError if the settings,
    the store or the page's address cannot be used.
    """
    few_arenas()
    stop = stop or asyncio.Event()
    # A mistake in the settings shows before anything starts.
    configured(config.drivers, config.file)
    async with started(config, demo=demo, cameras=cameras) as (daemon, url):
        set_by_signals(stop)
        status = f"Page at {url}"
        with Notifier() as notifier:
            notifier.ready(status)
            if ready:
                ready(daemon, url)
            async with watched(notifier, daemon.stuck, status):
                await until(stop, daemon.tasks)
            notifier.stopping()


@asynccontextmanager
async def started(
    config: Config, *, demo: bool = False, cameras: Cameras = list
) -> AsyncIterator[tuple[Daemon, str]]:
    """Start everything, yield the daemon and the page's address, stop everything.

    The settings are those of the file, with what was changed on the page over them.

    Start: files, page, drivers, camera. Stop: camera, drivers (devices given back), page, files.
    """
    async with AsyncExitStack() as stack:
        files = await stack.enter_async_context(opened(config))
        memory = await Memory.read(files.store, files.layers.config)
        daemon = Daemon(files, memory, demo)
        stack.callback(daemon.engine.close)
        url = await stack.enter_async_context(served(daemon, files, cameras))
        answers = {"status": daemon.report, "flush": daemon.flush}
        base = files.layers.base
        await stack.enter_async_context(serve_status(socket_path(base), answers))
        await stack.enter_async_context(working(daemon))
        yield daemon, url
