"""The documents and the settings file leave nothing out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from mirrord import config
from mirrord.cli import cli
from mirrord.driver_host import configured, installed_plugins

ROOT = Path(__file__).parent.parent
EXAMPLE = (ROOT / "config" / "mirrord.toml").read_text()
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
COMMANDS = (ROOT / "docs" / "commands.md").read_text()


def tables() -> dict[str, type[msgspec.Struct]]:
    """Return every table of the settings with its type."""
    own = {
        field.name: field.type
        for field in msgspec.structs.fields(config.Config)
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
    }
    drivers = {f"drivers.{name}": plugin.config for name, plugin in installed_plugins().items()}
    return own | drivers


def settings() -> list[tuple[str, str]]:
    return [
        (table, field.encode_name)
        for table, kind in tables().items()
        for field in msgspec.structs.fields(kind)
    ]


def section(text: str, heading: str) -> str:
    """Return what stands below a heading, up to the next one."""
    start = re.search(rf"^#* *\[{re.escape(heading)}\]$", text, re.MULTILINE)
    assert start, f"no section [{heading}]"
    end = re.search(r"^(#+ )?\[\w", text[start.end() :], re.MULTILINE)
    return text[start.end() : start.end() + end.start() if end else None]


@pytest.mark.parametrize(("table", "key"), settings())
def test_every_setting_is_documented(table: str, key: str):
    assert f"`{key}`" in section(CONFIGURATION, table)


@pytest.mark.parametrize(("table", "key"), settings())
def test_every_setting_stands_in_the_example_with_its_default(table: str, key: str):
    stated = re.search(rf"^(# )?{key} = (.*)$", section(EXAMPLE, table), re.MULTILINE)
    assert stated, f"{table}.{key} is missing in config/mirrord.toml"
    if stated[1] is None:
        default = next(
            field for field in msgspec.structs.fields(tables()[table]) if field.encode_name == key
        )
        value = tomllib.loads(stated[0])[key]
        assert value == msgspec.to_builtins(default.default) or value == [], stated[0]


def test_the_example_is_valid_and_means_the_defaults():
    example = config.load(ROOT / "config" / "mirrord.toml")
    plain = config.parse({"camera": {}}, example.file)
    same = msgspec.structs.replace(example, drivers={}, stated=plain.stated)
    assert same == plain
    assert configured(example.drivers, example.file)


def test_what_the_example_only_shows_is_valid_too():
    shown = re.sub(r"^# (\[drivers|\w+ = )", r"\1", EXAMPLE, flags=re.MULTILINE)
    data: dict[str, Any] = tomllib.loads(shown)
    parsed = config.parse(data, "example")
    assert set(configured(parsed.drivers, "example")) == set(installed_plugins())


def test_every_command_and_option_is_documented():
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        row = re.search(rf"^\| `mirrord {name}\b.*$", COMMANDS, re.MULTILINE)
        assert row, f"docs/commands.md lacks mirrord {name}"
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.name != "verbose":
                assert any(option in row[0] for option in parameter.opts), (name, parameter.opts)


def test_every_promise_of_security_has_a_test_that_is_there():
    text = (ROOT / "docs" / "security.md").read_text()
    table = text.partition("| Promise | Test |")[2].partition("\n\n")[0]
    promises = table.strip().splitlines()[1:]
    assert len(promises) > 20
    for line in promises:
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", line)
        assert named, line
        for file, name in named:
            source = (ROOT / "tests" / file).read_text()
            assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), (file, name)


def test_every_link_leads_somewhere():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("drivers/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
