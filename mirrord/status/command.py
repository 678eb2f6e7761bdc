"""`mirrord status`: how the running mirror is, as a table or as JSON, and as an exit status."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mirrord.errors import Unavailable

WELL, TROUBLED, NOT_RUNNING = 0, 1, 3
_COLOURS = {"green": "green", "amber": "yellow", "red": "red"}
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


@click.command()
@click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The mirror's settings, which say where its files are.",
)
@click.option("--json", "as_json", is_flag=True, help="Everything, as one JSON object.")
def status(file: Path | None, as_json: bool) -> None:
    """Say how the running mirror is. Exit status 0 if all is well, 1 if not, 3 if none runs."""
    from mirrord.config import Config, load
    from mirrord.status import NotRunning, ask, socket_path

    path = socket_path(load(file) if file else Config(file="command line"))
    try:
        answer = ask(path, "status")
    except NotRunning as error:
        _say_no(str(error), as_json, "not running")
        sys.exit(NOT_RUNNING)
    except Unavailable as error:
        _say_no(str(error), as_json, "red")
        sys.exit(TROUBLED)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        _show(answer)
    sys.exit(WELL if answer["health"]["state"] == "green" else TROUBLED)


def _say_no(sentence: str, as_json: bool, state: str) -> None:
    if as_json:
        click.echo(json.dumps({"health": {"state": state, "troubles": []}, "error": sentence}))
    else:
        _err.print(f"mirrord: {sentence}", markup=False, style="red")


def _show(answer: dict[str, Any]) -> None:
    health = answer["health"]
    colour = _COLOURS[health["state"]]
    table = Table("", "Part", "State", box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    wrong = {one["part"]: one["level"] for one in reversed(health["troubles"])}
    for part in answer["parts"]:
        mark = _COLOURS[wrong.get(part["part"], "green")]
        table.add_row(f"[{mark}]●[/]", *(escape(part[key]) for key in ("part", "state", "said")))
    name, version, minutes = escape(answer["name"]), answer["version"], answer["up_s"] / 60
    _out.print(
        f"[bold]{name}[/] is [{colour}]{health['state']}[/]"
        f"  (mirrord {version}, process {answer['pid']}, up {minutes:.0f} min, {answer['page']})"
    )
    _out.print(table)
    for trouble in health["troubles"]:
        _out.print(
            f"[{_COLOURS[trouble['level']]}]{trouble['level']}[/]: {escape(trouble['said'])}"
        )
    _show_updates(answer["updates"])


def _show_updates(updates: dict[str, Any]) -> None:
    """Say that there is a newer version and how to install it; what hinders asking, quietly."""
    if updates["state"] == "newer":
        _out.print(f"[bold]Version {updates['latest']} is there[/] ({updates['date']}).", end=" ")
        _out.print(updates["notes"], markup=False)
        for way in updates["ways"]:
            _out.print(f"  {way['by']}: {way['command']}", markup=False)
    if updates["said"]:
        said = f"Newer versions: {updates['place']} was asked. {updates['said']}"
        _out.print(said, markup=False, style="dim")
