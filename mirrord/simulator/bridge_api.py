"""The v1 API of a simulated Hue bridge: what it answers, without the wire."""

from __future__ import annotations

import secrets
import time
from typing import Any

from mirrord.simulator.bridge_groups import ALL, Groups
from mirrord.simulator.bridge_lamp import SimulatedLamp, error

LINK_BUTTON_S = 30.0


class BridgeApi:
    """Lamps, groups, keys and the link button."""

    def __init__(self, lamps: dict[str, SimulatedLamp], groups: Groups) -> None:
        self.lamps = lamps
        self.groups = groups
        self.keys: set[str] = set()
        self.bridge_id = f"001788FFFE{secrets.token_hex(3).upper()}"
        self.pressed_at = float("-inf")  # time.monotonic() of the last press of the link button

    def answer(self, method: str, parts: list[str], body: Any) -> Any:
        """Return the answer to a request for /api/<parts>, as plain data for JSON."""
        key, path = (parts[0], parts[1:]) if parts else ("", [])
        if key not in self.keys:
            return self._for_strangers(method, [key, *path], body)
        answers = {"GET": self._get, "PUT": self._put, "POST": self._post, "DELETE": self._delete}
        if method in answers:
            return answers[method](path, body)
        return _unsupported(method, path)

    def _for_strangers(self, method: str, parts: list[str], body: Any) -> Any:
        if method == "POST" and len(parts) == 1:
            return self._pair(body)
        if method == "GET" and parts[-1] == "config":
            return self._public()
        return [error(1, "/" + "/".join(parts[1:]), "unauthorized user")]

    def _get(self, path: list[str], _body: Any) -> Any:
        match path:
            case [("lights" | "groups") as kind, number]:
                known = self.lamps if kind == "lights" else self.groups
                if number not in known:
                    return _missing(path)
                return self._lamp(number) if kind == "lights" else self.groups.describe(number)
            case [name] if name in self._everything():
                return self._everything()[name]
        return _missing(path) if path else self._everything()

    def _post(self, path: list[str], body: Any) -> Any:
        return self.groups.create(body) if path == ["groups"] else _unsupported("POST", path)

    def _delete(self, path: list[str], _body: Any) -> Any:
        match path:
            case ["groups", number] if number in self.groups and number != ALL:
                return self.groups.delete(number)
        return _missing(path)

    def _put(self, path: list[str], body: Any) -> Any:
        place = "/" + "/".join(path)
        if not isinstance(body, dict) or not body:
            return [error(5, place, "invalid/missing parameters in body")]
        match path:
            case ["lights", number, "state"] if number in self.lamps:
                return self.lamps[number].command(body, place)
            case ["lights", number] if number in self.lamps and isinstance(body.get("name"), str):
                self.lamps[number].name = body["name"]
                return [{"success": {f"{place}/name": body["name"]}}]
            case ["groups", number, "action"] if number in self.groups:
                return self.groups.act(number, body, place)
            case ["groups", number] if number in self.groups and number != ALL:
                return self.groups.change(number, body, place)
        return _missing(path)

    def _pair(self, body: Any) -> Any:
        if not isinstance(body, dict) or not isinstance(body.get("devicetype"), str):
            return [error(5, "/", "invalid/missing parameters in body")]
        if time.monotonic() - self.pressed_at > LINK_BUTTON_S:
            return [error(101, "", "link button not pressed")]
        key = secrets.token_urlsafe(30)
        self.keys.add(key)
        return [{"success": {"username": key}}]

    def _everything(self) -> dict[str, Any]:
        return {
            "lights": {number: self._lamp(number) for number in self.lamps},
            "groups": self.groups.describe_all(),
            "config": self._public() | {"whitelist": {key: {"name": "app"} for key in self.keys}},
        }

    def _lamp(self, number: str) -> dict[str, Any]:
        return self.lamps[number].describe(number)

    def _public(self) -> dict[str, Any]:
        return {
            "name": "Simulated bridge",
            "bridgeid": self.bridge_id,
            "modelid": "BSB002",
            "apiversion": "1.65.0",
            "swversion": "1965053040",
        }


def _missing(path: list[str]) -> list[dict[str, Any]]:
    place = "/" + "/".join(path)
    return [error(3, place, f"resource, {place}, not available")]


def _unsupported(method: str, path: list[str]) -> list[dict[str, Any]]:
    place = "/" + "/".join(path)
    return [error(4, place, f"method, {method}, not available for resource, {place}")]
