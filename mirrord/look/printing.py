"""Prints what `mirrord look` sees: for a person, or one JSON object a line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from mirrord.look.faces import FaceRecord, Problem, look
from mirrord.mood import affect_at
from mirrord.runtime.settings import convert
from mirrord.sight_settings import VisionSettings


def show(paths: Sequence[str], as_json: bool, model: str, out: Console, err: Console) -> int:
    """Print every face; return the exit status: 0, or 1 if a file could not be looked at."""
    vision = convert({"model": model}, VisionSettings, "--model")
    problems = faces = 0
    columns = (TextColumn("looking"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        bar = progress.add_task("looking", total=None)

        def done(frames: int, total: int) -> None:
            progress.update(bar, completed=frames, total=total)

        for found in look(paths, vision, progress=done):
            if isinstance(found, Problem):
                problems += 1
                err.print(
                    f"mirrord: {found.file}: {found.problem}; skipped", markup=False, soft_wrap=True
                )
                continue
            faces += 1
            if as_json:
                sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
            else:
                out.print(_sentence(found), markup=False, soft_wrap=True)
    if not faces and not problems and not as_json:
        out.print("No face found.")
    return 1 if problems else 0


def _sentence(face: FaceRecord) -> str:
    x, y, width, height = face.box
    where = f"{face.file} [{face.frame}] face {width}x{height} at {x},{y}: "
    if face.expressions is None or face.valence is None or face.arousal is None:
        return f"{where}not judged, {face.quality}"
    affect = affect_at(face.valence, face.arousal)
    shares = sorted(face.expressions.items(), key=lambda item: -item[1])[:3]
    said = ", ".join(f"{name} {share:.0%}" for name, share in shares)
    return (
        f"{where}{face.expression} (confidence {face.confidence:.0%}; {said}); "
        f"valence {face.valence:+.2f}, arousal {face.arousal:+.2f}, "
        f"mostly {affect.dominant_emotion}"
    )
