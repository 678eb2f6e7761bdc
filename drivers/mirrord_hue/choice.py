"""Which lamps the settings mean, and which of them move together."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from mirrord.driver import Refused, Unavailable
from mirrord_hue.lamp import Lamp
from mirrord_hue.settings import HueSettings
from mirrord_hue.unit import Unit

EVERY = "0"  # the group of all lights, which a bridge does not list


class Group(msgspec.Struct, frozen=True):
    """A group of the bridge: a room, a zone, or any set of lights."""

    name: str = ""
    lights: tuple[str, ...] = ()


def read_groups(groups: Mapping[str, Any], lamps: Iterable[str]) -> dict[str, Group]:
    """Return the groups of GET /groups by number, leaving out what makes no sense."""
    every = Group("all lights", tuple(lamps))
    read = {EVERY: every}
    for number, group in groups.items():
        try:
            read[number] = msgspec.convert(group, Group)
        except msgspec.ValidationError:
            continue
    return read


def choose(
    settings: HueSettings, lamps: Mapping[str, Lamp], groups: Mapping[str, Group], who: str
) -> list[Unit]:
    """Return what to command. Raises Refused for a name that the bridge does not have.

    Lamps that form a configured group, or exactly a group of the bridge, get one command together.
    """
    units: list[Unit] = []
    for wanted in settings.groups:
        number = _find(wanted, {key: group.name for key, group in groups.items()}, "group", who)
        members = [one for one in groups[number].lights if one in lamps and lamps[one].dims]
        if not members:
            raise Refused(f"the group {groups[number].name!r} of {who} has no lamp")
        whole = len(members) == len(groups[number].lights)
        units += _together(units, number if whole else None, members, lamps)
    left = _lamps_wanted(settings, lamps, who)
    same = (number for number, group in groups.items() if set(group.lights) == set(left))
    units += _together(units, max(same, key=int, default=None), left, lamps)
    if not units:
        raise Unavailable(f"{who} has no lamp that can be dimmed")
    return units


def _lamps_wanted(settings: HueSettings, lamps: Mapping[str, Lamp], who: str) -> list[str]:
    if not settings.lights:
        return [] if settings.groups else [number for number in lamps if lamps[number].dims]
    names = {number: lamp.name for number, lamp in lamps.items()}
    wanted = dict.fromkeys(_find(one, names, "lamp", who) for one in settings.lights)
    for number in wanted:
        if not lamps[number].dims:
            raise Refused(f"{names[number]!r} of {who} is a plug or switch: name lamps that dim")
    return list(wanted)


def _together(
    before: Sequence[Unit], group: str | None, members: Sequence[str], lamps: Mapping[str, Lamp]
) -> list[Unit]:
    """Return units for `members`: one for a group that overlaps none before, or one each."""
    taken = {number for unit in before for number in unit.lamps}
    free = [number for number in members if number not in taken]
    if group is None or len(free) < len(members) or len(free) < 2:
        return [Unit("lights", number, (number,)) for number in free]
    coloured = any(lamps[number].gamut for number in free)
    whites = [one for one in free if lamps[one].gamut is None and lamps[one].whites is not None]
    own_white = [Unit("lights", one, (one,), frozenset({"ct"})) for one in whites]
    return [Unit("groups", group, tuple(free)), *(own_white if coloured else [])]


def _find(wanted: int | str, names: Mapping[str, str], kind: str, who: str) -> str:
    """Return the number of what is called `wanted`, which may also be its number."""
    text = str(wanted)
    if text in names:
        return text
    for number, name in names.items():
        if name.casefold() == text.casefold():
            return number
    near = difflib.get_close_matches(text, names.values(), n=1, cutoff=0.5)
    have = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names.values()) or 'none'}"
    raise Refused(f"{who} has no {kind} {text!r}; {have}")
