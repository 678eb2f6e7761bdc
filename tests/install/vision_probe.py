"""What is asked of a booted system whose mirror looks through a camera that is a device."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.fakes.faces import portrait
from tests.fakes.webcam import Webcam, library
from tests.install.roots import Root

_WEBCAM = Path("/srv/webcam")
PROBE = Path(__file__).with_suffix(".sh").read_text()


def with_webcam(root: Root) -> Root:
    """Put a camera into it that the vision process sees in the kernel's place."""
    place = root.path / _WEBCAM.relative_to("/")
    if not place.exists():
        Webcam(place, portrait().picture).behave()
        shutil.copy(library(), place / "v4l2.so")
        shutil.copy(Path(__file__).with_name("attack.py"), root.path / "srv")
    sees = root.path / "etc/systemd/system/mirrord-vision@.service.d/webcam.conf"
    sees.parent.mkdir(parents=True, exist_ok=True)
    seen = f"LD_PRELOAD={_WEBCAM}/v4l2.so FAKE_V4L2={_WEBCAM}"
    sees.write_text(f"[Service]\nEnvironment={seen}\n")
    return root


def attack(said: str, unit: str) -> str:
    """Return what an attack from within a unit has found, as JSON."""
    found = re.search(rf"^{unit} (\{{.*\}})$", said, re.MULTILINE)
    assert found, said
    return found[1]
