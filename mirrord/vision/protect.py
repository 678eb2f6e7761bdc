"""Takes from the vision process what it does not need, as far as this machine's kernel lets it.

What is taken is taken from this process for good and cannot be had back: the network (seccomp, and
a namespace without one), writing and starting programs (Landlock), files that grow (a resource
limit), core dumps. Everything has to be called before a thread is started, since Landlock restricts
one thread and those that it starts afterwards, and a namespace of users is for a single thread.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import socket
import stat
import struct
from typing import TypeAlias

import msgspec

_PR_SET_PDEATHSIG, _PR_GET_PDEATHSIG = 1, 2
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _ALL_THREADS = 1, 1

# <linux/landlock.h>, by the version of its interface that brought each right.
_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_WRITES = {1: _WRITE_FILE | sum(1 << bit for bit in range(4, 13)), 2: 1 << 13, 3: 1 << 14}
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every processor
_ABI_QUESTION = 1
_PATH_BENEATH = 1

# <linux/audit.h> and the numbers of socket(2) and seccomp(2); 425 is io_uring_setup(2), which
# can make sockets without a system call that a filter would see.
_PROCESSORS = {"x86_64": (0xC000003E, 41, 317), "aarch64": (0xC00000B7, 198, 277)}
_IO_URING_SETUP = 425
_X32_BIT = 0x40000000
_AF_UNIX, _AF_NETLINK = 1, 16
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # <linux/sched.h>
# <linux/bpf_common.h>: load a word, jump if equal, jump if at least, return.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | 13  # EACCES
_NUMBER_AT, _PROCESSOR_AT, _FIRST_ARGUMENT_AT = 0, 4, 16

# An operation, its value, and where it leads if so and if not: "deny", "allow", or on ("").
_Line: TypeAlias = tuple[int, int, str, str]

_libc = ctypes.CDLL(None, use_errno=True)


class Needs(msgspec.Struct, frozen=True):
    """What this run cannot do without."""

    network: bool = False  # the camera is a stream
    devices: bool = False  # the camera is a device, which is opened for writing
    local_sockets: bool = False  # libcamera talks to udev and to its own helpers


def protect(needs: Needs) -> tuple[str, ...]:
    """Drop what is not needed; return the names of the protections that are really on."""
    done = []
    wanted = not (needs.network or needs.local_sockets)
    if _given_network() or (wanted and _own_network()):
        done.append("own-network")
    if _prctl(_PR_SET_NO_NEW_PRIVS, 1):
        done.append("no-new-privileges")
    if _no_core_dump():
        done.append("no-core-dump")
    if _no_writing(needs):
        done.append("no-writing")
    if not needs.local_sockets and _no_growing_files():
        done.append("no-growing-files")
    if not needs.network and _no_network(needs.local_sockets):
        done.append("no-network")
    return tuple(done)


def _prctl(option: int, *arguments: object) -> bool:
    padded = [*arguments, *[ctypes.c_ulong(0)] * (4 - len(arguments))]
    return bool(_libc.prctl(option, *padded) == 0)


def _given_network() -> bool:
    """Whether the unit says that it has an empty network, and nothing speaks against that."""
    given = os.environ.get("MIRRORD_OWN_NETWORK") == "yes"
    return given and [name for _, name in socket.if_nameindex()] == ["lo"]


def _own_network() -> bool:
    """Move to a network of its own in which there is nothing, where namespaces may be made."""
    ends_with = ctypes.c_int()
    _libc.prctl(_PR_GET_PDEATHSIG, ctypes.byref(ends_with))
    as_root = os.geteuid() == 0  # who may do it at once, and keeps the right to read all files
    moved = _libc.unshare(_CLONE_NEWNET if as_root else _CLONE_NEWUSER | _CLONE_NEWNET) == 0
    _libc.prctl(_PR_SET_PDEATHSIG, ends_with)  # new rights make the kernel forget it
    return bool(moved)


def _no_core_dump() -> bool:
    """A core dump, or a debugger of the same user, would see the frame in memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return _prctl(_PR_SET_DUMPABLE, 0)


def _no_growing_files() -> bool:
    """No file may grow; left out where a person sends the output or the log into a file."""
    if any(_is_file(descriptor) for descriptor in (1, 2)):
        return False
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return True


def _is_file(descriptor: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def _no_writing(needs: Needs) -> bool:
    """Nothing on any disk may be opened for writing, made, renamed or removed; nor executed.

    Below /dev, devices (and nothing new) may be opened if the camera is one.
    """
    abi = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ABI_QUESTION)
    if abi < 1 or len(os.listdir("/proc/self/task")) > 1:
        return False
    handled = 0 if needs.local_sockets else _EXECUTE
    for since, rights in _WRITES.items():
        handled |= rights if abi >= since else 0
    attributes = struct.pack("=Q", handled)
    rules = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        if needs.devices and not _allow_writing(rules, "/dev"):
            return False
        return bool(_libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow_writing(rules: int, directory: str) -> bool:
    place = os.open(directory, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", _WRITE_FILE, place)
        return bool(_libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0) == 0)
    finally:
        os.close(place)


def _no_network(local_sockets: bool) -> bool:
    """Refuse to make sockets; those of this machine alone are let through if needed."""
    if platform.machine() not in _PROCESSORS:
        return False
    program = socket_filter(platform.machine(), local_sockets)
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    whole = Program(len(program) // 8, ctypes.addressof(code))
    seccomp = _PROCESSORS[platform.machine()][2]
    return bool(_libc.syscall(seccomp, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(whole)) == 0)


def socket_filter(machine: str, local_sockets: bool) -> bytes:
    """Return the BPF program that the kernel runs for each system call on such a processor."""
    processor, socket, _ = _PROCESSORS[machine]
    allowed = (_AF_UNIX, _AF_NETLINK) if local_sockets else ()
    lines: list[_Line] = [
        (_LOAD, _PROCESSOR_AT, "", ""),
        (_IF_EQUAL, processor, "", "deny"),
        (_LOAD, _NUMBER_AT, "", ""),
        (_IF_AT_LEAST, _X32_BIT, "deny", ""),
        (_IF_EQUAL, _IO_URING_SETUP, "deny", ""),
        (_IF_EQUAL, socket, "", "allow"),
        (_LOAD, _FIRST_ARGUMENT_AT, "", ""),
        *((_IF_EQUAL, family, "allow", "") for family in allowed),
        (_RETURN, _DENY, "", ""),
        (_RETURN, _ALLOW, "", ""),
    ]
    return b"".join(_assembled(line, at, len(lines)) for at, line in enumerate(lines))


def _assembled(line: _Line, at: int, length: int) -> bytes:
    """Return one instruction; a jump says how many instructions to leave out."""
    operation, value, yes, no = line
    skip = {"": 0, "deny": length - 2 - at - 1, "allow": length - 1 - at - 1}
    return struct.pack("=HBBI", operation, skip[yes], skip[no], value)
