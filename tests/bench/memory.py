"""Memory of the whole mirror with every driver, against the `fer` loop alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.process import memory_mb

SETTLE_S = 20.0


def whole(source: str) -> tuple[float, float]:
    """Return the proportional set size (MB) of the daemon, and of it and the vision process."""
    with tempfile.TemporaryDirectory() as folder:
        # A thermostat needs a broker; the demo's would be counted too, so it is left trying.
        config = Path(folder) / "bench.toml"
        config.write_text(
            f'camera.source = "{source}"\nweb.port = 0\n[drivers.hue]\nbridge = "127.0.0.1:9"\n'
            '[drivers.audio]\ndevice = "null"\n[drivers.thermostat]\nhost = "127.0.0.1"\nport = 9\n'
        )
        with subprocess.Popen(
            [sys.executable, "-m", "mirrord", "run", "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"STATE_DIRECTORY": folder},
        ) as process:
            try:
                time.sleep(SETTLE_S)
                daemon = memory_mb(process.pid)
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
                return daemon, daemon + sum(memory_mb(int(pid)) for pid in children.split())
            finally:
                process.terminate()
                process.wait(20)
