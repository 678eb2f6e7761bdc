"""The protections are real: a process that has them tries to get round them."""

import ctypes
import json
import os
import platform
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from mirrord.vision.protect import _given_network, socket_filter

ROOT = Path(__file__).parents[1]
NETWORK = {"connect", "udp", "ipv6", "raw", "io_uring", "thread"}
OWN_NETWORK = ("unshare", "--net", *(() if os.geteuid() == 0 else ("--user",)))
DISK = {"create", "overwrite", "append", "remove", "rename", "directory", "link", "pipe"}


def landlock():
    """Whether this kernel has it: the answer of the kernel, not of the product."""
    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) >= 1


@pytest.fixture
def tried(tmp_path):
    """Run the process with what it needs (None: unprotected); return what it said."""
    (tmp_path / "existing").write_text("as it was")
    (tmp_path / "second").write_text("as it was")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def run(needs, *before, **more):
            module = (*before, sys.executable, "-m", "tests.fakes.protected", json.dumps(needs))
            done = subprocess.run(
                [*module, str(tmp_path), str(server.getsockname()[1])],
                cwd=ROOT,
                env=os.environ | more,
                capture_output=True,
                timeout=60,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        yield run


def own_network():
    """Whether this machine lets us have one: the answer of another program."""
    return subprocess.run([*OWN_NETWORK, "true"], capture_output=True, check=False).returncode == 0


def refused(result):
    return {name for name, error in result["attempts"].items() if error is not None}


def test_a_recording_needs_nothing_and_gets_nothing(tried, tmp_path):
    result = tried({})
    always = {"no-new-privileges", "no-core-dump", "no-growing-files", "no-network"}
    where_possible = {"no-writing"} if landlock() else set()
    where_possible |= {"own-network"} if own_network() else set()
    assert set(result["protections"]) == always | where_possible
    assert not own_network() or result["interfaces"] == ["lo"]
    assert result["ends_with"] == signal.SIGTERM  # told to the kernel before, and not forgotten
    assert refused(result) >= NETWORK | {"unix", "shared_memory", "grow"}
    assert "read" not in refused(result)
    assert result["dumpable"] == 0
    assert (tmp_path / "open").read_bytes() == b""
    if landlock():
        assert refused(result) >= DISK | {"execute", "device"}
        assert {path.name for path in tmp_path.iterdir()} == {"existing", "second", "open"}


def test_a_camera_that_is_a_device_can_be_opened_again(tried):
    result = tried({"devices": True})
    assert ("no-writing" in result["protections"]) == landlock()
    assert "device" not in refused(result)
    assert refused(result) >= NETWORK | {"unix", "shared_memory", "grow"}
    assert not landlock() or refused(result) >= DISK


def test_a_network_camera_keeps_the_network_and_says_so(tried):
    result = tried({"network": True})
    assert not {"no-network", "own-network"} & set(result["protections"])
    assert not refused(result) & {"connect", "udp", "thread"}
    assert not landlock() or refused(result) >= DISK


def test_libcamera_may_talk_to_this_machine_alone(tried):
    result = tried({"devices": True, "local_sockets": True})
    assert "no-network" in result["protections"]
    assert refused(result) >= NETWORK
    assert "unix" not in refused(result)
    assert not landlock() or refused(result) >= DISK


def test_a_network_that_the_unit_has_emptied_is_said_and_its_word_is_not_all(tried, monkeypatch):
    pi, unit = {"devices": True, "local_sockets": True}, {"MIRRORD_OWN_NETWORK": "yes"}
    if own_network():
        given = tried(pi, *OWN_NETWORK, **unit)
        assert given["interfaces"] == ["lo"]
        assert "own-network" in given["protections"]
        assert "own-network" not in tried(pi, *OWN_NETWORK)["protections"]
    monkeypatch.setenv("MIRRORD_OWN_NETWORK", "yes")
    monkeypatch.setattr(socket, "if_nameindex", lambda: [(1, "lo"), (2, "eth0")])
    assert not _given_network()


def test_without_protection_everything_succeeds(tried):
    """The attempts can succeed: it is the protections that stop them."""
    result = tried(None)
    Path("/dev/shm/mirrord-test").unlink()
    # What a machine forbids to everybody (raw sockets need root) proves nothing.
    assert refused(result) <= {"raw", "io_uring", "ipv6"}


def run_filter(program, processor, number, argument=0):
    """Run a BPF program on one system call; return what it says."""
    data = struct.pack("=IIQ6Q", number, processor, 0, argument, 0, 0, 0, 0, 0)
    accumulator, at = 0, 0
    while True:
        operation, yes, no, value = struct.unpack_from("=HBBI", program, 8 * at)
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif operation == 0x15:
            at += yes if accumulator == value else no
        elif operation == 0x35:
            at += yes if accumulator >= value else no
        else:
            assert operation == 0x06
            return value


@pytest.mark.parametrize(
    ("machine", "processor", "number"), [("x86_64", 0xC000003E, 41), ("aarch64", 0xC00000B7, 198)]
)
@pytest.mark.parametrize("local", [False, True])
def test_the_filter_on_every_processor(machine, processor, number, local):
    program = socket_filter(machine, local)
    allow, deny = 0x7FFF0000, 0x0005000D
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_PACKET, 40):
        assert run_filter(program, processor, number, family) == deny
    for family in (socket.AF_UNIX, socket.AF_NETLINK):
        assert run_filter(program, processor, number, family) == (allow if local else deny)
    for other in (0, 1, 2, 56, 257, 400):
        assert run_filter(program, processor, other) == allow
    assert run_filter(program, processor, 425) == deny  # io_uring
    assert run_filter(program, processor, number + 0x40000000, socket.AF_INET) == deny  # x32
    assert run_filter(program, 0x40000003, 359) == deny  # 32-bit calls have other numbers


def test_this_machine_is_one_that_the_product_protects():
    assert platform.machine() in ("x86_64", "aarch64")
    assert os.name == "posix"
