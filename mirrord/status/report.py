"""What the status socket says of a mirror: how every part fares, nothing of anybody. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

State = Mapping[str, Any]
VERSION: Final = 1


def report(
    state: State, done: Mapping[str, int], page: str, pid: int, up_s: float
) -> dict[str, Any]:
    """Return the report. `state` is the mirror's snapshot; `done` is how many frames the camera
    has given since the start ("camera"), and how many wishes each driver has applied."""
    parts = _parts(state)
    return {
        "v": VERSION,
        "name": state["name"],
        "version": state["version"],
        "pid": pid,
        "page": page,
        "up_s": round(up_s, 1),
        "health": state["health"],
        "updates": state["updates"],
        "parts": [
            part | ({"done": done[name]} if (name := part["part"]) in done else {})
            for part in parts
        ],
    }


def _parts(state: State) -> Iterator[dict[str, Any]]:
    camera, vision, store, hub = (state[name] for name in ("camera", "vision", "store", "hub"))
    yield _part("camera", camera["state"], camera["detail"])
    if vision:
        pace = f"{vision['fps']:.1f} frames a second, {vision['memory_mb']:.0f} MB"
        yield _part("vision", vision["pace"], pace)
    amount = f"{store['readings']} readings, {store['bytes'] / 1e6:.1f} MB"
    waiting = f", {store['pending']} waiting" if store["pending"] else ""
    yield _part("store", store["state"], f"{amount}{waiting}")
    for driver in state["drivers"]:
        count = len(driver["devices"])
        shown = driver["error"] or (f"{count} devices" if count != 1 else "1 device")
        yield _part(driver["name"], driver["state"], shown if driver["enabled"] else "")
    yield _part("hub", hub["state"], hub["error"] or hub["where"])


def _part(name: str, state: str, said: str) -> dict[str, Any]:
    return {"part": name, "state": state, "said": said}
