"""The mirror under test, as a process of its own: the real daemon, whose clock can be jumped.

python -m mirrord.drill.subject FILE     reads lines on standard input: "clock SECONDS"
"""

from __future__ import annotations

import sys
import threading
from datetime import timedelta

from mirrord import daemon
from mirrord.config import load
from mirrord.runtime import loop, wall
from mirrord.runtime.logs import set_up


def main() -> None:
    """Run the mirror with the settings of a file until it is stopped."""
    set_up(verbose=False)
    config = load(sys.argv[1])
    threading.Thread(target=_obey, name="drill orders", daemon=True).start()
    try:
        loop.run(daemon.run(config))
    finally:
        loop.leave()


def _obey() -> None:
    for line in sys.stdin:
        word, _, value = line.partition(" ")
        if word == "clock":
            wall.jump(timedelta(seconds=float(value)))


if __name__ == "__main__":
    main()
