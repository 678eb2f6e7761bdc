"""Simulated thermostats, in Home Assistant's convention and in Zigbee2MQTT's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

Publish = Callable[..., None]  # topic, payload, retain=True


class SimulatedThermostat:
    """A wall thermostat that announces itself to Home Assistant and keeps its state retained.

    Accepts `low`..`high` °C, clamps what is beyond, and rounds to `step`.
    Misbehaves on demand: `deaf` ignores commands, `mute` reports nothing.
    """

    def __init__(self, topic: str, publish: Publish, setpoint: float = 20.0) -> None:
        self.topic, self._publish = topic, publish
        self.setpoint, self.measured, self.mode = setpoint, 19.5, "heat"
        self.low, self.high, self.step = 5.0, 30.0, 0.5
        self.deaf = self.mute = False
        self.commands: list[str] = []  # everything that was asked of it, as it came

    @property
    def discovery_topic(self) -> str:
        return f"homeassistant/climate/{self.topic.replace('/', '_')}/config"

    def topics(self) -> tuple[str, ...]:
        return (f"{self.topic}/temperature/set", f"{self.topic}/mode/set")

    def announce(self) -> None:
        """Say everything, as after a connection."""
        self._say(f"{self.topic}/availability", "online")
        self._say(self.discovery_topic, json.dumps(self._discovery()))
        self.report()

    def report(self) -> None:
        """Publish the state."""
        self._say(f"{self.topic}/mode/state", self.mode)
        self._say(f"{self.topic}/temperature/state", f"{self.setpoint:g}")
        self._say(f"{self.topic}/current_temperature/state", f"{self.measured:.1f}")

    def measure(self, temperature_c: float) -> None:
        """Feel the room; say so when a tenth of a degree has changed."""
        changed = f"{temperature_c:.1f}" != f"{self.measured:.1f}"
        self.measured = temperature_c
        if changed:
            self.report()

    def hear(self, topic: str, payload: bytes) -> None:
        """Take in a command."""
        word = payload.decode(errors="replace")
        self.commands.append(word)
        if self.deaf:
            return
        if topic.endswith("/mode/set"):
            self.mode = word if word in ("heat", "off") else self.mode
        else:
            self.setpoint = self._accepted(word)
        self.report()

    def turn_by_hand(self, setpoint: float) -> None:
        """A person turns the knob."""
        self.setpoint = self._accepted(str(setpoint))
        self.report()

    def switch_by_hand(self, mode: str) -> None:
        """A person switches it "off", or back to "heat"."""
        self.mode = mode
        self.report()

    def _accepted(self, word: str) -> float:
        try:
            value = min(max(float(word), self.low), self.high)
        except ValueError:
            return self.setpoint
        return round(value / self.step) * self.step

    def _say(self, topic: str, payload: str, *, retain: bool = True) -> None:
        if not self.mute:
            self._publish(topic, payload, retain=retain)

    def _discovery(self) -> dict[str, object]:
        return {
            "~": self.topic,
            "name": "Simulated thermostat",
            "uniq_id": self.topic.replace("/", "_"),
            "avty_t": "~/availability",
            "temp_cmd_t": "~/temperature/set",
            "temp_stat_t": "~/temperature/state",
            "curr_temp_t": "~/current_temperature/state",
            "mode_cmd_t": "~/mode/set",
            "mode_stat_t": "~/mode/state",
            "modes": ["off", "heat"],
            "min_temp": self.low,
            "max_temp": self.high,
            "temp_step": self.step,
        }


class SimulatedRadiator(SimulatedThermostat):
    """A radiator valve behind Zigbee2MQTT (`zigbee2mqtt/<name>`).

    The bridge echoes a command at once, whatever it is, and reports what the valve made of it
    `radio_s` later; the state is not retained. Misbehaves on demand: `asleep` does not answer the
    radio, `refuses` keeps its old setpoint.
    """

    def __init__(self, topic: str, publish: Publish, setpoint: float = 20.0) -> None:
        super().__init__(topic, publish, setpoint)
        self.radio_s = 0.3
        self.asleep = self.refuses = False

    @property
    def discovery_topic(self) -> str:
        return f"{self.topic.partition('/')[0]}/bridge/devices"

    def topics(self) -> tuple[str, ...]:
        return (f"{self.topic}/set", f"{self.topic}/get")

    def announce(self) -> None:
        self._say(f"{self.topic}/availability", '{"state": "online"}')
        self._say(self.discovery_topic, json.dumps(self._devices()))

    def report(self) -> None:
        self._state(self.setpoint)

    def hear(self, topic: str, payload: bytes) -> None:
        if topic.endswith("/get"):
            if not self.asleep:
                self.report()
            return
        self.commands.append(payload.decode(errors="replace"))
        wanted = self._wanted(payload)
        if wanted is None or self.deaf:
            return
        self._state(wanted)  # the echo
        if not self.asleep:
            asyncio.get_running_loop().call_later(self.radio_s, self._obey, wanted)

    def _obey(self, wanted: float) -> None:
        if not self.refuses:
            self.setpoint = self._accepted(str(wanted))
        self.report()

    def _wanted(self, payload: bytes) -> float | None:
        try:
            value = json.loads(payload).get("occupied_heating_setpoint")
        except (ValueError, AttributeError):
            return None
        return float(value) if isinstance(value, int | float) else None

    def _state(self, setpoint: float) -> None:
        state = {
            "occupied_heating_setpoint": setpoint,
            "local_temperature": round(self.measured, 2),
            "system_mode": self.mode,
            "linkquality": 120,
        }
        self._say(self.topic, json.dumps(state), retain=False)

    def _devices(self) -> list[dict[str, object]]:
        setpoint = {
            "name": "occupied_heating_setpoint",
            "property": "occupied_heating_setpoint",
            "value_min": self.low,
            "value_max": self.high,
            "value_step": self.step,
        }
        climate = {"type": "climate", "features": [setpoint]}
        name = self.topic.partition("/")[2]
        return [{"friendly_name": name, "definition": {"exposes": [climate]}}]
