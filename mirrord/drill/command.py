"""`mirrord drill`: breaks things on purpose and prints what the mirror made of it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mirrord.errors import MirrorError

if TYPE_CHECKING:
    from mirrord.drill.run import Report

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False, soft_wrap=True)
_WARNING = """\
This starts the mirror of {file} in the real room, and then, one after another:
{faults}
Nothing is done to a device itself, but lamps may stay as they are for some seconds after the mirror
was killed, until it is started again and gives them back. Records stay; nothing is deleted."""


@click.command()
@click.option("--only", "names", multiple=True, metavar="FAULT", help="Only this one; repeat it.")
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object.")
@click.option("--list", "listed", is_flag=True, help="Say what there is, and break nothing.")
@click.option("--real", is_flag=True, help="In the real room, with the settings of -c; asks first.")
@click.option(
    "-c",
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="With --real: the mirror's settings.",
)
@click.option("--yes", is_flag=True, help="With --real: do not ask.")
@click.option(
    "--soak",
    type=click.FloatRange(min=60),
    metavar="SECONDS",
    help="Break things at random for so long, and see that nothing grows.",
)
def drill(
    names: tuple[str, ...],
    as_json: bool,
    listed: bool,
    real: bool,
    file: Path | None,
    yes: bool,
    soak: float | None,
) -> None:
    """Break camera, devices, disk, clock, network and power on purpose, in a simulated room.

    Exit status 0 if every promise was kept, 1 if not.
    """
    from mirrord.drill.faults import chosen
    from mirrord.runtime import loop

    faults = chosen(names, real=real)
    if listed:
        for fault in faults:
            _out.print(f"{fault.name}: {fault.how}; back within {fault.within_s:g} s", markup=False)
        return
    if soak is not None:
        sys.exit(_soak(soak, as_json))
    work = _real(file, faults, yes) if real else _simulated(faults)
    report = loop.run(work)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    else:
        show(report)
    sys.exit(0 if report.passed else 1)


async def _simulated(faults: list[Any]) -> Report:
    from mirrord.drill.rig import simulated_rig
    from mirrord.drill.run import simulated_drill

    with tempfile.TemporaryDirectory(prefix="mirror-drill-") as folder:
        async with simulated_rig(Path(folder)) as rig:
            return await simulated_drill(rig, faults, _tell)


def _real(file: Path | None, faults: list[Any], yes: bool) -> Any:
    from mirrord.config import load, state_dir
    from mirrord.drill.rig import real_rig
    from mirrord.drill.run import real_drill
    from mirrord.status import NotRunning, ask, socket_path

    if file is None:
        raise MirrorError("--real needs the mirror's settings: -c FILE")
    config = load(file)
    try:
        ask(socket_path(config), "status")
    except NotRunning:
        pass
    else:
        raise MirrorError("a mirror is running with these settings: stop it first")
    planned = "\n".join(f"  {fault.name}: {fault.how}" for fault in faults)
    _err.print(_WARNING.format(file=file, faults=planned), markup=False)
    if not yes:
        click.confirm("Go on?", abort=True, err=True)
    return real_drill(real_rig(config, state_dir()), faults, _tell)


def _soak(seconds: float, as_json: bool) -> int:
    from mirrord.drill.soak import soak
    from mirrord.runtime import loop

    result = loop.run(soak(seconds, _tell))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())
    else:
        _out.print(f"{result.seconds:.0f} s, {result.faults} faults, {result.samples} samples")
        table = Table("", "From", "To", "An hour", "Flat")
        for one in result.figures:
            rate = f"{one.slope_per_h:+.3g} ({one.low_per_h:+.3g} to {one.high_per_h:+.3g})"
            mark = "[green]yes[/]" if one.flat else "[red]no[/]"
            table.add_row(one.name, f"{one.first:g}", f"{one.last:g}", rate, mark)
        _out.print(table)
        for problem in result.problems:
            _out.print(f"[red]{escape(problem)}[/]")
    return 0 if result.passed else 1


def _tell(sentence: str) -> None:
    _err.print(f"... {sentence}", markup=False, style="dim")


def show(report: Report) -> None:
    """Print the table and what went wrong."""
    table = Table("Fault", title=f"Drill in the {report.room} room", title_justify="left")
    for title in ("Noticed after", "Well after", "Allowed", "Lost", ""):
        table.add_column(title, justify="right")
    for one in report.outcomes:
        mark = "[green]ok[/]" if one.passed else "[red]no[/]"
        times = (_seconds(one.noticed_s), _seconds(one.back_s), f"{one.within_s:g} s")
        table.add_row(one.fault, *times, str(one.lost), mark)
    _out.print(table)
    for outcome in report.outcomes:
        for problem in outcome.problems:
            _out.print(f"[red]{outcome.fault}[/]: {escape(problem)}", soft_wrap=True)
    for problem in report.problems:
        _out.print(f"[red]{escape(problem)}[/]", soft_wrap=True)
    restored = {True: "yes", False: "no", None: "not looked at"}[report.restored]
    _out.print(f"Acknowledged: {report.acknowledged}. Devices as they were found: {restored}.")


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"
