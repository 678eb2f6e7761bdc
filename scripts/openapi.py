"""Write docs/openapi.json: what the route table says, for those who read it without a mirror."""

from __future__ import annotations

from pathlib import Path

import msgspec

import mirrord
from mirrord.api.openapi import document
from mirrord.web.table import DEVICE

FILE = Path(__file__).parents[1] / "docs" / "openapi.json"


def text() -> bytes:
    """Return the document as it is committed."""
    told = msgspec.json.encode(document(DEVICE, mirrord.__version__))
    return msgspec.json.format(told, indent=2) + b"\n"


if __name__ == "__main__":
    FILE.write_bytes(text())
