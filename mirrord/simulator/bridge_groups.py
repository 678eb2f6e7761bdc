"""The groups of a simulated Hue bridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mirrord.simulator.bridge_lamp import SimulatedLamp, error

Answers = list[dict[str, Any]]
_SETTABLE = ("name", "lights")
ALL = "0"  # the group of every lamp, which a bridge does not list


class Groups:
    """Named sets of lamps; `lamps` is shared with the bridge."""

    def __init__(
        self, lamps: Mapping[str, SimulatedLamp], named: Mapping[str, Sequence[str]]
    ) -> None:
        self._lamps = lamps
        self._groups: dict[str, dict[str, Any]] = {}
        for name, members in named.items():
            self.create({"name": name, "lights": list(members)})

    def __contains__(self, number: object) -> bool:
        return number == ALL or number in self._groups

    def describe_all(self) -> dict[str, dict[str, Any]]:
        """Return what GET /groups shows."""
        return {number: self.describe(number) for number in self._groups}

    def describe(self, number: str) -> dict[str, Any]:
        """Return what GET /groups/<number> shows."""
        every = {"name": "Group 0", "lights": list(self._lamps), "type": "LightGroup", "action": {}}
        on = [bool(lamp.state["on"]) for lamp in self._members(number)]
        state = {"all_on": all(on), "any_on": any(on)}
        return {**(every if number == ALL else self._groups[number]), "state": state}

    def act(self, number: str, body: dict[str, Any], place: str) -> Answers:
        """Let each lamp take of a group's command what it understands, and return the answer."""
        answers = [answer for lamp in self._members(number) for answer in lamp.command(body, place)]
        done = [answer for answer in answers if "success" in answer]
        if number != ALL:
            self._groups[number]["action"] |= body
        kept: Answers = []
        for answer in done or answers:
            if answer not in kept:
                kept.append(answer)
        return kept

    def create(self, body: Any) -> Answers:
        """Answer POST /groups."""
        if not isinstance(body, dict) or not isinstance(body.get("lights"), list):
            return [error(5, "/groups", "invalid/missing parameters in body")]
        for lamp in body["lights"]:
            if lamp not in self._lamps:
                return [error(7, "/groups/lights", f"invalid value, {lamp}, for parameter, lights")]
        number = str(max(map(int, self._groups), default=0) + 1)
        self._groups[number] = {
            "name": body.get("name") or f"Group {number}",
            "lights": list(body["lights"]),
            "type": body.get("type", "LightGroup"),
            "action": {},
        }
        return [{"success": {"id": number}}]

    def change(self, number: str, body: dict[str, Any], place: str) -> Answers:
        """Answer PUT /groups/<number>."""
        changes: dict[str, Any] = {name: body[name] for name in _SETTABLE if name in body}
        self._groups[number].update(changes)
        return [{"success": {f"{place}/{name}": value}} for name, value in changes.items()]

    def delete(self, number: str) -> Answers:
        """Answer DELETE /groups/<number>."""
        del self._groups[number]
        return [{"success": f"/groups/{number} deleted."}]

    def _members(self, number: str) -> list[SimulatedLamp]:
        names = self._lamps if number == ALL else self._groups[number]["lights"]
        return [self._lamps[name] for name in names if name in self._lamps]
