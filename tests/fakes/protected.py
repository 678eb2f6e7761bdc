"""A process that protects itself as the vision process does, and then tries what it must not.

    python -m tests.fakes.protected '{"network": false, ...}' DIRECTORY PORT

With null for its needs it does not protect itself at all. Prints one JSON object: the protections
that are said to be on, and each attempt with the name of the error that it met, null if none.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from mirrord.vision.protect import Needs, protect


def attempts(directory, port):
    existing = directory / "existing"
    return {
        "connect": lambda: socket.create_connection(("127.0.0.1", port), 2).close(),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "ipv6": lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close(),
        "raw": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
        "unix": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close(),
        "io_uring": io_uring,
        "thread": lambda: in_thread(lambda: socket.socket().close()),
        "create": lambda: (directory / "new").write_text("frame"),
        "overwrite": lambda: existing.write_text("frame"),
        "append": lambda: existing.open("ab").close(),
        "remove": (directory / "second").unlink,
        "directory": (directory / "made").mkdir,
        "link": lambda: (directory / "link").symlink_to(existing),
        "pipe": lambda: os.mkfifo(directory / "pipe"),
        "shared_memory": lambda: Path("/dev/shm/mirrord-test").write_text("frame"),
        "grow": lambda: grow(directory / "open"),
        "device": lambda: os.close(os.open("/dev/null", os.O_RDWR)),
        "execute": lambda: subprocess.run(["/bin/true"], check=True),
        "read": existing.read_bytes,
        "rename": lambda: existing.rename(directory / "renamed"),
    }


def io_uring():
    number = 425
    if ctypes.CDLL(None, use_errno=True).syscall(number, 1, ctypes.create_string_buffer(120)) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def in_thread(work):
    errors = []

    def run():
        try:
            work()
        except OSError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


def grow(path):
    with open(DESCRIPTORS[path.name], "wb", closefd=False, buffering=0) as file:
        file.write(b"frame")


DESCRIPTORS = {}


def main():
    needs, directory, port = json.loads(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    DESCRIPTORS["open"] = os.open(directory / "open", os.O_WRONLY | os.O_CREAT)
    libc, ends_with = ctypes.CDLL(None), ctypes.c_int()
    libc.prctl(1, signal.SIGTERM)
    protections = () if needs is None else protect(Needs(**needs))
    result = {"protections": protections, "attempts": {}}
    for name, attempt in attempts(directory, port).items():
        try:
            attempt()
            result["attempts"][name] = None
        except OSError as error:
            result["attempts"][name] = type(error).__name__
    result["dumpable"] = libc.prctl(3)
    libc.prctl(2, ctypes.byref(ends_with))
    result["ends_with"] = ends_with.value
    networks = Path("/proc/self/net/dev").read_text().splitlines()[2:]
    result["interfaces"] = [line.partition(":")[0].strip() for line in networks]
    print(json.dumps(result))


main()
