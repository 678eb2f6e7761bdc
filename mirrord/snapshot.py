"""The state of the mirror as one JSON-able object: what the page, and later others, show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

import msgspec

import mirrord
from mirrord.colour_word import colour_word, is_pale
from mirrord.config import Config
from mirrord.engine import Engine
from mirrord.health import Health
from mirrord.hub import HubStatus
from mirrord.model import DriverStatus, Measured, Mood
from mirrord.runtime import wall
from mirrord.store import StoreStatus
from mirrord.why.chain import Reason

VERSION = 1


def snapshot(
    config: Config,
    engine: Engine,
    drivers: Sequence[DriverStatus],
    measured: Measured,
    store: StoreStatus,
    demo: bool,
    reason: Reason,
    hub: HubStatus,
    health: Health,
) -> dict[str, Any]:
    """Return everything but its revision number; see docs/page.md for the fields."""
    now = wall.now()
    return {
        "v": VERSION,
        "name": config.mirror.name,
        "version": mirrord.__version__,
        "demo": demo,
        "time": now.isoformat(),
        "locale": config.mirror.locale,
        "mode": engine.aim.mode,
        "goal": engine.aim.goal,
        "guide": asdict(engine.guide) if engine.guide else None,
        "camera": _camera(config, engine),
        "vision": msgspec.to_builtins(engine.health),
        **_seen(engine),
        "mood": _mood(engine),
        "seen_mood": _affect(engine.seen_mood) if engine.seen_mood.present else None,
        "environment": _environment(engine),
        "why": {"reason": reason, **_colour(engine.environment.lighting_color)},
        "corrections": engine.calibration.corrections,
        "measured": asdict(measured),
        "drivers": [_driver(status) for status in drivers],
        "controls": msgspec.to_builtins(engine.controls),
        "session": _session(engine),
        "store": msgspec.to_builtins(store),
        "hub": asdict(hub),
        "health": msgspec.to_builtins(health),
        "latency": _slowest(drivers),
    }


def source_name(source: int | str) -> str:
    """Return the camera's source: of a path its last part, of a URL nothing that may be secret."""
    text = str(source)
    scheme, mark, rest = text.partition("://")
    if not mark:
        return PurePath(text).name
    shown = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = shown.partition("/")
    host = host.rpartition("@")[2]
    # What is no host with a port may be a part of a password that is written wrongly.
    plain = re.fullmatch(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?", host) and "@" not in path
    return f"{scheme}://{host}{slash}{path}" if plain else f"{scheme}://…"


def _camera(config: Config, engine: Engine) -> dict[str, str]:
    detail, source = engine.camera.detail, config.camera.source
    return {
        "state": engine.camera.state,
        "detail": "" if detail == str(source) else detail,
        "source": source_name(source),
    }


def _seen(engine: Engine) -> dict[str, Any]:
    frame = engine.frame
    faces = [
        {
            "track": face.track,
            "box": face.box,
            "expression": face.expression,
            "confidence": face.confidence,
            "quality": face.quality,
        }
        for face in (frame.faces if frame else ())
    ]
    size = {"width": frame.width, "height": frame.height} if frame else None
    shares = engine.expressions
    return {"frame": size, "faces": faces, "expressions": dict(shares) if shares else None}


def _mood(engine: Engine) -> dict[str, Any]:
    mood = engine.mood
    return {
        **_affect(mood),
        "expression": mood.expression,
        "confidence": mood.confidence,
        "present": mood.present,
        "people": mood.people,
        "source": engine.source,
    }


def _affect(mood: Mood) -> dict[str, Any]:
    affect = mood.affect
    return {
        **asdict(affect),
        "dominant_emotion": affect.dominant_emotion,
        "emotion_intensity": affect.emotion_intensity,
    }


def _environment(engine: Engine) -> dict[str, Any]:
    environment = asdict(engine.environment)
    del environment["captured_ns"], environment["devices"]  # the controls have those
    return environment


def _colour(colour: str) -> dict[str, Any]:
    return {"colour": colour_word(colour), "pale": is_pale(colour)}


def _driver(status: DriverStatus) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(status)
    p50, p99 = shown.pop("latency_p50_ms"), shown.pop("latency_p99_ms")
    return {**shown, "latency_ms": None if p50 is None else {"p50": p50, "p99": p99}}


def _session(engine: Engine) -> dict[str, Any] | None:
    session = engine.sessions.current
    if session is None:
        return None
    seconds = engine.sessions.seconds
    return {"id": session.id, "started": session.started.isoformat(), "seconds": seconds}


def _slowest(drivers: Sequence[DriverStatus]) -> dict[str, float] | None:
    """Return the frame-to-command latency of the slowest driver that has one."""
    known = [
        (status.latency_p99_ms, status.latency_p50_ms)
        for status in drivers
        if status.latency_p99_ms is not None and status.latency_p50_ms is not None
    ]
    if not known:
        return None
    p99, p50 = max(known)
    return {"p50_ms": p50, "p99_ms": p99}
