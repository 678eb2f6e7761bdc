"""What the mirror says: its state as a few small JSON documents. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

State = Mapping[str, Any]
Document = dict[str, Any]
_SUMMARY: Final = 255  # letters that Home Assistant takes


def documents(state: State, expressions: bool) -> dict[str, Document]:
    """Return the documents by their topic's last part; docs/hub.md describes each field.

    `state` is the mirror's snapshot. Without `expressions` nothing is said from which a mood
    could be read: presence and switches are left.
    """
    said = {
        "presence": _presence(state),
        "controls": _controls(state["controls"], state["mode"]),
        "health": _health(state),
    }
    if expressions:
        said |= {"mood": _mood(state), "light": _light(state), "room": _room(state)}
    if asks_for_updates(state):
        said["update"] = _update(state["updates"])
    return said


def asks_for_updates(state: State) -> bool:
    """Tell whether anybody is asked for newer versions."""
    return bool(state["updates"]["state"] != "off")


def _presence(state: State) -> Document:
    session = state["session"]
    seconds = int(session["seconds"]) // 10 * 10 if session else None
    mood = state["mood"]
    return {"present": mood["present"], "people": mood["people"], "session_s": seconds}


def _mood(state: State) -> Document:
    """Nobody there has no mood: the numbers are null then."""
    mood = state["mood"]
    known = mood["present"] or mood["source"] == "hand"
    plane = ("valence", "arousal", "joy", "calm", "energy", "melancholy", "confidence")
    return {
        "expression": mood["expression"] if mood["present"] else None,
        "mood": mood["dominant_emotion"] if known else None,
        **{name: round(mood[name], 2) if known else None for name in plane},
        "source": mood["source"],
    }


def _controls(controls: State, mode: str) -> Document:
    hand = controls["hand"]
    return {
        "camera": controls["camera"],
        "room": controls["room"],
        "mute": controls["mute"],
        "mode": mode,
        "hand": max(hand, key=lambda mood: hand[mood]) if hand else "off",
        "brightness_cap": round(100 * controls["brightness_cap"]),
        "volume_cap": round(100 * controls["volume_cap"]),
        "drivers": dict(controls["drivers"]),
    }


def _light(state: State) -> Document:
    """The ambience as a light, in the JSON form that Home Assistant's MQTT light reads."""
    room = state["environment"]
    color = room["lighting_color"].lstrip("#")
    red, green, blue = (int(color[at : at + 2], 16) for at in (0, 2, 4))
    held = state["controls"]["held"]
    by_hand = held["color"] is not None or held["brightness"] is not None
    on = room["present"] and state["controls"]["room"] and room["lighting_intensity"] > 0.0
    return {
        "state": "ON" if on else "OFF",
        "brightness": round(255 * room["lighting_intensity"]),
        "color_mode": "rgb",
        "color": {"r": red, "g": green, "b": blue},
        "effect": "by hand" if by_hand else "mirror",
    }


def _room(state: State) -> Document:
    """What the room is asked to be, and what sensors measure of it."""
    wish, measured = state["environment"], state["measured"]
    return {
        "audio_tone": wish["audio_tone"],
        "audio_volume": round(wish["audio_volume"], 2),
        "visual_pattern": wish["visual_pattern"],
        "temperature_c": wish["temperature_c"],
        "humidity_pct": round(wish["humidity_pct"]),
        "measured_temperature_c": measured["temperature_c"],
        "measured_humidity_pct": measured["humidity_pct"],
        "air_quality": measured["air_quality"],
    }


def _health(state: State) -> Document:
    vision, health = state["vision"] or {}, state["health"]
    return {
        "version": state["version"],
        "health": health["state"],
        "troubles": [one["said"] for one in health["troubles"]],
        "camera": state["camera"]["state"],
        "fps": _rounded(vision.get("fps")),
        "inference_ms": _rounded(_inference_ms(vision)),
        "cpu_temp_c": _rounded(vision.get("cpu_temp_c")),
        "store": state["store"]["state"],
        "store_mb": round(state["store"]["bytes"] / 1e6, 1),
        "drivers": {driver["name"]: driver["state"] for driver in state["drivers"]},
    }


def _update(updates: State) -> Document:
    """The versions as Home Assistant reads them; it refuses one that is not known yet."""
    latest = {"latest_version": updates["latest"]} if updates["latest"] else {}
    return {
        "title": "Mood Mirror",
        "installed_version": updates["installed"],
        **latest,
        "release_summary": updates["notes"][:_SUMMARY],  # or it would go on showing the last one
    }


def _inference_ms(vision: State) -> float | None:
    parts = [vision.get("detect_ms"), vision.get("classify_ms")]
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value)
