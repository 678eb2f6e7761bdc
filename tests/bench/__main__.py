"""`python -m tests.bench [NAME ...]`: measure, and print markdown tables.

What is compared with the real `fer` needs an environment that has it: `make parity` makes one in
.peers/fer-env. What is measured on the development sets needs them: name their directory.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import (
    accuracy,
    analytics,
    api_load,
    clips,
    collective,
    disk_writes,
    hanging_driver,
    labels,
    latency,
    sync_load,
    vision_cost,
)
from tests.bench.devsets import VARIABLE

PEER = Path(".peers/fer-env/bin/python")


def main() -> None:
    """Run the measurements that were asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--fer-python", default=str(PEER), help="an interpreter that has fer")
    parser.add_argument("--dev-sets", type=Path, default=os.environ.get(VARIABLE))
    parser.add_argument("--seconds", type=float, default=60.0, help="of the collective's load run")
    options = parser.parse_args()
    python: str = options.fer_python
    seconds: float = options.seconds
    sets: str | None = options.dev_sets and str(options.dev_sets)
    benches: dict[str, Callable[[], str]] = {
        "vision": lambda: _vision(python),
        "labels": lambda: labels.report(_photos(sets)),
        "latency": latency.report,
        "hanging": hanging_driver.report,
        "disk": disk_writes.table,
        "analytics": analytics.report,
        "api": api_load.report,
        "sync": sync_load.report,
        "collective": lambda: collective.report(seconds),
        "accuracy": lambda: accuracy.report(_sets(sets), python),
    }
    unknown = [name for name in options.names if name not in benches]
    if unknown:
        sys.exit(f"no measurement {unknown[0]}; there are {', '.join(benches)}")
    for name in options.names or benches:
        print(benches[name](), flush=True)


def _vision(python: str) -> str:
    if not Path(python).exists():
        sys.exit(f"{python} is not there: run `make parity` first, or give --fer-python")
    with tempfile.TemporaryDirectory() as folder:
        face = clips.face(Path(folder) / "face.avi")
        return vision_cost.report(python, face, clips.nobody(Path(folder) / "nobody.avi"))


def _sets(given: str | None) -> Path:
    if not given:
        sys.exit(f"name the development sets: --dev-sets DIRECTORY, or {VARIABLE}")
    return Path(given)


def _photos(given: str | None) -> Path:
    return _sets(given) / "photos-dev"


main()
