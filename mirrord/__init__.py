"""Mood Mirror: reads facial expressions locally and answers with the room."""

import sys

__version__ = "0.1.0"

# Before any library is asked for: on a 32-bit system the first one missing would be the message.
if sys.maxsize <= 2**32:
    raise SystemExit(
        "mirrord: this needs a 64-bit system (the 64-bit Raspberry Pi OS): "
        "no library has a 32-bit build"
    )
