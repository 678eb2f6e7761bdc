"""Lights of every convention, as far as a driver meets them, at a real broker.

Written from the conventions' own documents, not from the driver. What they remember is how they
shine: on, a brightness 0..1, and a colour or a white.
"""

from __future__ import annotations

import asyncio
import json
import re
from abc import ABC, abstractmethod
from colorsys import hsv_to_rgb, rgb_to_hsv
from typing import Any, Self

from mirrord.simulator.climate_link import DeviceLink

Rgb = tuple[int, int, int]


class SimulatedLight(ABC):
    """One light with its own connection; `commands` has every message that was meant to change it.

    A light that is `deaf` takes nothing.
    """

    kind: str
    topic: str
    effect = "None"

    def __init__(self, host: str, port: int, **login: str) -> None:
        self.host, self.port = host, port
        self.on, self.level, self.rgb = True, 0.4, (255, 180, 107)
        self.commands: list[str] = []
        self.at: list[float] = []
        self.transition: float | None = None
        self.deaf = False
        self._link = DeviceLink(
            host, port, self.listens(), self.announce, self._take, will=self.status(False), **login
        )

    async def __aenter__(self) -> Self:
        await self._link.__aenter__()
        async with asyncio.timeout(15):
            await self._link.connected.wait()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._link.__aexit__(*error)

    @property
    def settings(self) -> dict[str, Any]:
        return {"kind": self.kind, "topic": self.topic}

    @property
    def shines(self) -> tuple[bool, float, Rgb]:
        return self.on, round(self.level, 2), self.rgb

    def announce(self) -> None:
        """Say what a light says when it has connected."""
        self.publish(*self.status(True))
        self.report()

    def by_hand(self, **changes: Any) -> None:
        """Be changed in the light's own app."""
        for name, value in changes.items():
            setattr(self, name, value)
        self.report()

    def publish(self, topic: str, payload: str, retain: bool = True) -> None:
        self._link.publish(topic, payload, retain=retain)

    def _take(self, topic: str, payload: bytes) -> None:
        if self.asks(topic, payload.decode()):
            self.report()
            return
        self.commands.append(payload.decode())
        self.at.append(asyncio.get_running_loop().time())
        if not self.deaf:
            self.obey(topic, payload.decode())
            self.report()

    def asks(self, topic: str, payload: str) -> bool:
        return False

    @abstractmethod
    def status(self, online: bool) -> tuple[str, str]: ...

    @abstractmethod
    def listens(self) -> tuple[str, ...]: ...

    @abstractmethod
    def report(self) -> None: ...

    @abstractmethod
    def obey(self, topic: str, payload: str) -> None: ...


class Esphome(SimulatedLight):
    """JSON with rgb, retained."""

    kind, topic, top = "esphome", "den/light/strip", 255

    def listens(self) -> tuple[str, ...]:
        return (f"{self.topic}/command",)

    def status(self, online: bool) -> tuple[str, str]:
        return "den/status", "online" if online else "offline"

    def body(self) -> dict[str, Any]:
        return {
            "state": "ON" if self.on else "OFF",
            "brightness": round(self.level * self.top),
            "color_mode": "rgb",
            "color": dict(zip("rgb", self.rgb, strict=True)),
            "effect": self.effect,
        }

    def report(self) -> None:
        self.publish(f"{self.topic}/state", json.dumps(self.body()))

    def obey(self, topic: str, payload: str) -> None:
        body = json.loads(payload)
        self.on = body.get("state", "ON" if self.on else "OFF") == "ON"
        self.level = body.get("brightness", self.level * self.top) / self.top
        self.rgb = tuple(body["color"][key] for key in "rgb") if "color" in body else self.rgb
        self.effect = body.get("effect", self.effect)
        self.transition = body.get("transition")


class HomeAssistantJson(Esphome):
    """The same words, other topics, announced by discovery."""

    kind, topic, top = "homeassistant", "homeassistant/light/lamp/config", 200

    def listens(self) -> tuple[str, ...]:
        return ("lamp/set",)

    def status(self, online: bool) -> tuple[str, str]:
        return "lamp/there", "yes" if online else "no"

    def announce(self) -> None:
        keys = {"~": "lamp", "schema": "json", "cmd_t": "~/set", "stat_t": "~", "bri_scl": self.top}
        keys |= {"avty_t": "~/there", "pl_avail": "yes", "sup_clrm": ["rgb"], "name": "Lamp"}
        self.publish(self.topic, json.dumps(keys))
        super().announce()

    def report(self) -> None:
        self.publish("lamp", json.dumps(self.body()))

    def obey(self, topic: str, payload: str) -> None:
        assert "state" in json.loads(payload), "Home Assistant's schema requires it"
        super().obey(topic, payload)


class HomeAssistantDefault(SimulatedLight):
    """One topic for each value, announced among other components of a device."""

    kind, topic = "homeassistant", "homeassistant/device/office/config"

    def listens(self) -> tuple[str, ...]:
        return tuple(f"office/{one}/set" for one in ("power", "brightness", "hs"))

    def status(self, online: bool) -> tuple[str, str]:
        return "office/status", "online" if online else "offline"

    def announce(self) -> None:
        light = {"p": "light", "~": "office", "cmd_t": "~/power/set", "stat_t": "~/power"}
        light |= {"pl_on": "1", "pl_off": "0", "bri_cmd_t": "~/brightness/set", "bri_scl": 100}
        light |= {"bri_stat_t": "~/state", "bri_val_tpl": "{{ value_json.brightness | int }}"}
        light |= {"hs_cmd_t": "~/hs/set", "hs_cmd_tpl": '{"h": {{ hue }}, "s": {{ sat }}}'}
        light |= {"hs_stat_t": "~/hs", "avty": [{"t": "office/status"}]}
        keys = {"cmps": {"a": {"p": "sensor", "stat_t": "office/x"}, "b": light}}
        self.publish(self.topic, json.dumps(keys))
        super().announce()

    def report(self) -> None:
        hue, saturation, _ = rgb_to_hsv(*self.rgb)
        self.publish("office/power", "1" if self.on else "0")
        self.publish("office/state", json.dumps({"brightness": round(100 * self.level)}))
        self.publish("office/hs", f"{360 * hue:.2f},{100 * saturation:.2f}")

    def obey(self, topic: str, payload: str) -> None:
        name = topic.split("/")[1]
        if name == "power":
            self.on = payload == "1"
        elif name == "brightness":
            self.level = int(payload) / 100
        else:
            said = json.loads(payload)
            self.rgb = _rgb(said["h"] / 360, said["s"] / 100)


class Zigbee(SimulatedLight):
    """Zigbee2MQTT with one tunable white light: its bridge describes it, and answers /get."""

    kind, topic = "zigbee2mqtt", "zigbee2mqtt/Hall lamp"

    def __init__(self, host: str, port: int, **login: str) -> None:
        self.mired = 370
        super().__init__(host, port, **login)

    @property
    def shines(self) -> tuple[bool, float, Rgb]:
        return self.on, round(self.level, 2), (self.mired, 0, 0)

    def listens(self) -> tuple[str, ...]:
        return f"{self.topic}/set", f"{self.topic}/get"

    def status(self, online: bool) -> tuple[str, str]:
        return f"{self.topic}/availability", json.dumps(
            {"state": "online" if online else "offline"}
        )

    def announce(self) -> None:
        white = {"name": "color_temp", "value_min": 250, "value_max": 454}
        features = [{"name": "state"}, {"name": "brightness", "value_max": 254}, white]
        exposes = [{"type": "light", "features": features}]
        device = {"friendly_name": "Hall lamp", "definition": {"exposes": exposes}}
        self.publish("zigbee2mqtt/bridge/devices", json.dumps([{"type": "Coordinator"}, device]))
        self.publish(*self.status(True))

    def asks(self, topic: str, payload: str) -> bool:
        return topic.endswith("/get")

    def report(self) -> None:
        state = {"state": "ON" if self.on else "OFF", "brightness": round(self.level * 254)}
        state |= {"color_mode": "color_temp", "color_temp": self.mired, "linkquality": 90}
        self.publish(self.topic, json.dumps(state), retain=False)

    def obey(self, topic: str, payload: str) -> None:
        body = json.loads(payload)
        self.level = body.get("brightness", self.level * 254) / 254
        self.mired = body.get("color_temp", self.mired)
        self.on = body.get("state", "ON" if self.on or "brightness" in body else "OFF") == "ON"
        self.transition = body.get("transition", self.transition)


class Tasmota(SimulatedLight):
    """Commands in a backlog; fading is a setting."""

    kind, topic = "tasmota", "bulb"

    def __init__(self, host: str, port: int, **login: str) -> None:
        self.fade, self.speed = "OFF", 7
        super().__init__(host, port, **login)

    def listens(self) -> tuple[str, ...]:
        return "cmnd/bulb/Backlog0", "cmnd/bulb/State"

    def status(self, online: bool) -> tuple[str, str]:
        return "tele/bulb/LWT", "Online" if online else "Offline"

    def announce(self) -> None:
        self.publish(*self.status(True))

    def asks(self, topic: str, payload: str) -> bool:
        return topic == "cmnd/bulb/State"

    def report(self) -> None:
        hue, saturation, _ = rgb_to_hsv(*self.rgb)
        level = round(100 * self.level)
        state = {"POWER": "ON" if self.on else "OFF", "Dimmer": level, "Fade": self.fade}
        state["HSBColor"] = f"{round(360 * hue)},{round(100 * saturation)},{level}"
        state |= {"Speed": self.speed, "Wifi": {"RSSI": 80}}
        self.publish("stat/bulb/RESULT", json.dumps(state), retain=False)

    def obey(self, topic: str, payload: str) -> None:
        for one in payload.split(";"):
            name, _, value = one.partition(" ")
            if name == "HSBColor":
                hue, saturation, level = map(int, value.split(","))
                self.rgb, self.level, self.on = _rgb(hue / 360, saturation / 100), level / 100, True
            elif name == "Dimmer":
                self.level, self.on = int(value) / 100, True
            elif name == "Power":
                self.on = value == "ON"
            elif name == "Fade":
                self.fade = value
            elif name == "Speed":
                self.speed = int(value)
                self.transition = self.speed / 2
            else:
                raise AssertionError(one)


class Wled(SimulatedLight):
    """A strip that keeps its state at the broker."""

    kind, topic = "wled", "wled/shelf"

    def __init__(self, host: str, port: int, **login: str) -> None:
        self.fx, self.white = 0, 0
        super().__init__(host, port, **login)

    def listens(self) -> tuple[str, ...]:
        return (f"{self.topic}/api",)

    def status(self, online: bool) -> tuple[str, str]:
        return f"{self.topic}/status", "online" if online else "offline"

    def report(self) -> None:
        code = "".join(f"{one:02X}" for one in self.rgb)
        white = f"{self.white:02X}" if self.white else ""
        self.publish(f"{self.topic}/g", str(round(255 * self.level) if self.on else 0))
        self.publish(f"{self.topic}/c", f"#{white}{code}")
        xml = f'<?xml version="1.0" ?><vs><ac>{self.level}</ac><fx>{self.fx}</fx></vs>'
        self.publish(f"{self.topic}/v", xml)

    def obey(self, topic: str, payload: str) -> None:
        body = json.loads(payload)
        self.on = body.get("on", self.on)
        self.level = body["bri"] / 255 if "bri" in body else self.level
        self.transition = body["tt"] / 10
        if "seg" in body:
            red, green, blue, *white = body["seg"]["col"][0]
            self.rgb, self.white = (red, green, blue), white[0] if white else 0
            self.fx = body["seg"]["fx"]


class Generic(SimulatedLight):
    """A lamp of somebody's own making, which answers when it is asked."""

    kind, topic = "generic", "bench/lamp"

    @property
    def settings(self) -> dict[str, Any]:
        command = "on {brightness} {hex} {transition}"
        fields = {
            "on_field": "power",
            "brightness_field": "light.level",
            "color_field": "/light/is",
        }
        more = {"command": command, "off": "off", "query_topic": "bench/ask", "query": "?"}
        return {"kind": "generic", "topic": self.topic, "brightness_scale": 1000} | fields | more

    def listens(self) -> tuple[str, ...]:
        return f"{self.topic}/set", "bench/ask"

    def status(self, online: bool) -> tuple[str, str]:
        return "bench/here", str(online)

    def asks(self, topic: str, payload: str) -> bool:
        return topic == "bench/ask"

    def report(self) -> None:
        light = {"level": round(1000 * self.level), "is": list(self.rgb)}
        self.publish(self.topic, json.dumps({"power": self.on, "light": light}), retain=False)

    def obey(self, topic: str, payload: str) -> None:
        if payload == "off":
            self.on = False
            return
        said = re.fullmatch(r"on (\d+) #(\w{6}) ([\d.]+)", payload)
        assert said, payload
        self.on, self.level, self.transition = True, int(said[1]) / 1000, float(said[3])
        red, green, blue = bytes.fromhex(said[2])
        self.rgb = red, green, blue


LIGHTS = (Esphome, HomeAssistantJson, HomeAssistantDefault, Zigbee, Tasmota, Wled, Generic)


def _rgb(hue: float, saturation: float) -> Rgb:
    red, green, blue = (round(255 * one) for one in hsv_to_rgb(hue, saturation, 1.0))
    return red, green, blue
