"""The sound of the room: a generative ambient synthesizer on any sound output.

What needs numpy or PortAudio is imported when it is used, so that `mirrord --help` is there at
once and a mirror without PortAudio runs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from mirrord.driver import Discovered, Driver, Environment, Host, MirrorError, Plugin, Worker
from mirrord_audio.settings import AudioConfig

__all__ = ["AudioConfig", "plugin"]

DISCOVER_S = 2.5


@asynccontextmanager
async def _open(config: AudioConfig, host: Host) -> AsyncIterator[Driver]:
    from mirrord_audio.driver import open_audio  # noqa: PLC0415 - only what is needed

    async with open_audio(config, host) as driver:
        yield driver


async def _discover() -> Sequence[str]:
    """List the sound outputs, as `device` may name them. Raises Unavailable."""
    from mirrord_audio.portaudio import speakers  # noqa: PLC0415 - only what is needed

    async with Worker("sound outputs") as worker:
        found = await worker.call(DISCOVER_S, speakers)
    return [Discovered(one.described, {"device": one.name}) for one in found]


@click.command()
@click.option("--mood", required=True, help="joy, calm, energy or melancholy.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The WAV file to write.  [default: MOOD.wav]",
)
@click.option("--seconds", type=click.FloatRange(2, 3600), default=60.0, show_default=True)
@click.option("--seed", type=int, help="The same number gives the same music.")
@click.pass_obj
def listen(tools: object, mood: str, output: Path | None, seconds: float, seed: int | None) -> None:
    """Write what a mood sounds like into a WAV file.

    It is what the mirror plays, but louder: a file uses its whole range.
    """
    from mirrord_audio.listen import render_file  # noqa: PLC0415 - only what is needed

    environment = _environment(tools, mood)
    path = output or Path(f"{mood}.wav")
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(f"Playing {mood} into {path}", total=seconds)
        render_file(environment, path, seconds, seed, lambda more: progress.advance(bar, more))
    click.echo(f"{path}: {seconds:g} s of {mood}")


def _environment(tools: object, mood: str) -> Environment:
    """Ask the command line for the room of a mood; an unknown one is refused with a suggestion."""
    environment_for = getattr(tools, "environment_for", None)
    if environment_for is None:
        raise click.UsageError("this command is a part of `mirrord`: run `mirrord listen`")
    try:
        environment: Environment = environment_for(mood)
    except MirrorError as error:
        raise click.BadParameter(str(error), param_hint="--mood") from None
    return environment


plugin = Plugin(
    name="audio",
    title="Sound",
    config=AudioConfig,
    open=_open,
    discover=_discover,
    commands=(listen,),
)
