"""Which cameras this machine has, asked of the kernel without starting one."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import struct
from pathlib import Path

from mirrord.vision.camera import CameraLost

# struct v4l2_capability of <linux/videodev2.h>: driver, card, bus_info, version, capabilities,
# device_caps, reserved[3]; and the request number of its ioctl.
_CAPABILITY = struct.Struct("16s32s32sIII12x")
_VIDIOC_QUERYCAP = 0x80685600
_CAN_CAPTURE = 0x00000001 | 0x00001000  # single-planar and multi-planar
_HAS_DEVICE_CAPS = 0x80000000
# Cards of a Pi that process pictures but have no lens.
_NO_LENS = ("bcm2835-codec", "bcm2835-isp", "pispbe", "rpi-hevc-dec", "unicam", "rp1-cfe")
SEE = "`mirrord devices` lists the cameras"


def card_of(path: Path) -> str:
    """Return the name that a camera gives itself.

    Raises CameraLost if it is missing, may not be opened, or cannot capture.
    """
    device = _opened(path)
    try:
        answer = fcntl.ioctl(device, _VIDIOC_QUERYCAP, bytes(_CAPABILITY.size))
    except OSError:
        raise CameraLost(f"{path} is no camera ({SEE})") from None
    finally:
        os.close(device)
    _, card, _, _, all_nodes, this_node = _CAPABILITY.unpack(answer)
    if not (this_node if all_nodes & _HAS_DEVICE_CAPS else all_nodes) & _CAN_CAPTURE:
        raise CameraLost(f"{path} gives no pictures, it is a camera's side channel ({SEE})")
    return str(card.partition(b"\0")[0].decode(errors="replace"))


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise CameraLost(f"{path} is not there; plug the camera in ({SEE})") from None
    except PermissionError:
        raise CameraLost(
            f"{path} may not be opened: run `sudo usermod -aG video $USER` and log in again"
        ) from None
    except OSError as error:
        raise CameraLost(f"{path} does not open ({error.strerror})") from None


def cameras(devices: Path) -> list[str]:
    """Return one line for each camera, fit for `[camera] source`, and for each that is locked."""
    found = []
    for path in sorted(devices.glob("video*"), key=lambda path: (len(path.name), path.name)):
        try:
            card = card_of(path)
        except CameraLost as lost:
            if "may not be opened" in str(lost):
                found.append(str(lost))
            continue
        if not card.startswith(_NO_LENS):
            found.append(f"source = {path.name.removeprefix('video')}: {card} ({path})")
    if importlib.util.find_spec("picamera2"):
        found.append('source = "picamera2": the Raspberry Pi\'s own camera')
    return found
