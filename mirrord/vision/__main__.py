"""The vision process: settings on the first line of stdin, messages as JSON lines on stdout.

Both may be pipes, or one socket that systemd has accepted.

It ends when stdin does, so that it never outlives the mirror that started it; and by itself, with
status 75, when a camera does not let go of it. What a person should read goes to stderr; why it
ends, as a message, too.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import sys
import threading
from importlib.util import find_spec
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mirrord.vision.output import Output
    from mirrord.vision.settings import Settings

_PR_SET_PDEATHSIG = 1
_LONGEST_LINE = 64 * 1024
_M_ARENA_MAX, _M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -8, -3, -1
# Libraries read these when they are imported. Threads of their own are memory, and would escape
# Landlock; their chatter may name a camera's address with its password.
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_OPENCL_RUNTIME": "disabled",
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "5",
}


def main() -> None:
    """Run until stdin ends, SIGTERM or SIGINT."""
    gc.disable()  # until all is imported: there is no garbage yet, only time to lose
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Large tensors go back to the system when they are freed; frames, which come all the time,
    # stay on the heap: giving them back too would cost a fifth of the processor time.
    libc.mallopt(_M_ARENA_MAX, 1)
    libc.mallopt(_M_MMAP_THRESHOLD, 1_000_000)
    libc.mallopt(_M_TRIM_THRESHOLD, 1_000_000)
    if find_spec("_sha256") or find_spec("_sha2"):
        # Checksums need no OpenSSL, which hashlib would load: 4 MB less.
        sys.modules["_hashlib"] = cast(ModuleType, None)
    os.environ.update(_ENVIRONMENT)
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO)
    output = _messages_apart()
    line = sys.stdin.buffer.readline(_LONGEST_LINE)
    if line:
        sys.exit(_run(line, output, stop))


def _messages_apart() -> IO[Any]:
    """Return stdout for messages alone; what a library prints goes to stderr instead."""
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return output


def _run(line: bytes, output: IO[Any], stop: threading.Event) -> int:
    import msgspec  # noqa: PLC0415 - the environment has to be set first

    from mirrord.errors import MirrorError  # noqa: PLC0415 - as above
    from mirrord.vision.output import Output  # noqa: PLC0415 - as above
    from mirrord.vision.settings import Settings  # noqa: PLC0415 - as above

    told = Output(output)
    try:
        settings = msgspec.json.decode(line, type=Settings)
        return _find(told) if settings.find else _look(settings, told, stop)
    except msgspec.DecodeError as error:
        reason = f"the first line of stdin has to be the settings as JSON: {error}"
    except MirrorError as error:
        reason = str(error)
    logging.error("%s", reason)
    told.failed(reason)
    return 2


def _find(output: Output) -> int:
    """Say which cameras there are. No network is loaded for that, and no picture taken."""
    from mirrord import wire  # noqa: PLC0415 - as above
    from mirrord.vision.camera import find_cameras  # noqa: PLC0415 - as above
    from mirrord.vision.protect import Needs, protect  # noqa: PLC0415 - as above

    protect(Needs(devices=True))
    output.tell(wire.CamerasFound(tuple(find_cameras())))
    return 0


def _look(settings: Settings, output: Output, stop: threading.Event) -> int:
    from mirrord.vision.watch import run  # noqa: PLC0415 - as above

    return run(settings, output, stop)


main()
