"""The entities that Home Assistant shows for a mirror. Pure; one entry a line of the page it makes.

Keys are those of Home Assistant's MQTT discovery, in words rather than in abbreviations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from mirrord.hub.topics import Topics
from mirrord.model import MOODS, DriverState, Expression, ModeName
from mirrord.wire import CameraState

Say = Callable[[str], str]
FOLLOW: Final = "mirror"  # the effect of the ambience light that gives it back to the mood
BY_HAND: Final = "by hand"
NO_HAND: Final = "off"
MODES: Final[tuple[str, ...]] = get_args(ModeName)
EVENTS: Final = ("session_started", "session_ended")
MOOD_EVENT: Final = "mood_changed"
UPDATE: Final = "update"

_DIAGNOSTIC: Final = {"entity_category": "diagnostic"}
_CONFIG: Final = {"entity_category": "config"}
_MEASURED: Final = {"state_class": "measurement"}


@dataclass(frozen=True, slots=True)
class Component:
    """One entity: `key` is its own within the mirror, `platform` what kind it is."""

    key: str
    platform: str
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a mirror has to show: names are put into words by `say`."""

    topics: Topics
    drivers: Mapping[str, str]  # name to title
    expressions: bool
    say: Say
    updates: bool = False  # is anybody asked for newer versions?


def components(offer: Offer) -> list[Component]:
    """Return every entity of a mirror."""
    found = [*_presence(offer), *_controls(offer), *_health(offer)]
    if offer.expressions:
        found += [*_mood(offer), *_actions(offer)]
    if offer.updates:
        found.append(_update(offer))
    return found


def _presence(offer: Offer) -> Iterator[Component]:
    make = _Maker(offer, "presence")
    yield make.read(
        "binary_sensor",
        "presence",
        "Presence",
        "{{ 'ON' if value_json.present else 'OFF' }}",
        device_class="occupancy",
    )
    yield make.sensor("people", "People", icon="mdi:account-group", **_MEASURED)
    yield make.sensor(
        "session_s",
        "Session length",
        device_class="duration",
        unit_of_measurement="s",
        suggested_display_precision=0,
    )
    events = [*EVENTS, MOOD_EVENT] if offer.expressions else [*EVENTS]
    yield make.entity(
        "event",
        "happened",
        "Happened",
        state_topic=offer.topics.event,
        event_types=events,
        icon="mdi:bell-outline",
    )


def _mood(offer: Offer) -> Iterator[Component]:
    make = _Maker(offer, "mood")
    yield make.sensor(
        "expression",
        "Expression",
        device_class="enum",
        options=list(get_args(Expression)),
        icon="mdi:emoticon-outline",
    )
    yield make.sensor(
        "mood", "Mood", device_class="enum", options=list(MOODS), icon="mdi:palette-outline"
    )
    for key, name, icon in (
        ("valence", "Valence", "mdi:thumbs-up-down-outline"),
        ("arousal", "Arousal", "mdi:pulse"),
    ):
        yield make.sensor(key, name, icon=icon, suggested_display_precision=2, **_MEASURED)
    for key, name, icon in (
        ("joy", "Joy", "mdi:emoticon-happy-outline"),
        ("calm", "Calm", "mdi:waves"),
        ("energy", "Energy", "mdi:lightning-bolt-outline"),
        ("melancholy", "Melancholy", "mdi:weather-rainy"),
        ("confidence", "Confidence", "mdi:gauge"),
    ):
        template = f"{{{{ (100 * value_json.{key}) | round if value_json.{key} is not none }}}}"
        yield make.sensor(key, name, template, icon=icon, unit_of_measurement="%", **_MEASURED)


def _controls(offer: Offer) -> Iterator[Component]:
    make = _Maker(offer, "controls")
    yield make.switch("camera", "Camera", icon="mdi:camera")
    yield make.switch("room", "Room follows the mood", icon="mdi:home-heart")
    yield make.switch("mute", "Mute", icon="mdi:volume-off")
    for driver, title in offer.drivers.items():
        key, value = f"driver/{driver}", f"drivers['{driver}']"
        yield make.switch(key, title, value, icon="mdi:power-plug-outline", **_CONFIG)
    yield make.command("select", "mode", "Mode", options=list(MODES), icon="mdi:mirror")
    for key, name, most, icon in (
        ("brightness_cap", "Brightness cap", 100, "mdi:brightness-6"),
        ("volume_cap", "Volume cap", 30, "mdi:volume-medium"),
    ):
        yield make.command(
            "number",
            key,
            name,
            min=0,
            max=most,
            step=1,
            unit_of_measurement="%",
            icon=icon,
            **_CONFIG,
        )
    yield make.button("forget_hour", "Forget the last hour", icon="mdi:eraser", **_CONFIG)


def _actions(offer: Offer) -> Iterator[Component]:
    """What would tell, or is of use only with, a mood."""
    topics = offer.topics
    make = _Maker(offer, "controls")
    options = [NO_HAND, *MOODS]
    yield make.command("select", "hand", "Mood by hand", options=options, icon="mdi:hand-heart")
    yield make.button("guide_to_calm", "Guide to calm", icon="mdi:meditation")
    light = topics.document("light")
    yield make.entity(
        "light",
        "light",
        "Ambience",
        schema="json",
        state_topic=light,
        command_topic=topics.command("light"),
        brightness=True,
        supported_color_modes=["rgb"],
        effect=True,
        effect_list=[FOLLOW, BY_HAND],
        icon="mdi:lamps",
    )
    room = _Maker(offer, "room")
    yield room.sensor("audio_tone", "Sound", icon="mdi:music-note", **_DIAGNOSTIC)
    yield room.sensor("visual_pattern", "Picture", icon="mdi:creation", **_DIAGNOSTIC)


def _health(offer: Offer) -> Iterator[Component]:
    make = _Maker(offer, "health")
    yield make.read(
        "binary_sensor",
        "problem",
        "Problem",
        "{{ 'OFF' if value_json.health == 'green' else 'ON' }}",
        device_class="problem",
        json_attributes_topic=offer.topics.document("health"),
        json_attributes_template="{{ {'troubles': value_json.troubles} | tojson }}",
        **_DIAGNOSTIC,
    )
    states = list(get_args(CameraState))
    yield make.sensor(
        "camera",
        "Camera state",
        key="camera_state",
        device_class="enum",
        options=states,
        icon="mdi:camera-outline",
        **_DIAGNOSTIC,
    )
    for value, name, extra in (
        ("fps", "Frames judged", {"unit_of_measurement": "fps", "icon": "mdi:filmstrip"}),
        (
            "inference_ms",
            "Inference time",
            {"unit_of_measurement": "ms", "device_class": "duration"},
        ),
        (
            "cpu_temp_c",
            "Processor temperature",
            {"unit_of_measurement": "°C", "device_class": "temperature"},
        ),
        ("store_mb", "Database size", {"unit_of_measurement": "MB", "device_class": "data_size"}),
    ):
        yield make.sensor(value, name, **extra, **_MEASURED, **_DIAGNOSTIC)
    for driver, title in offer.drivers.items():
        yield make.sensor(
            f"drivers['{driver}']",
            f"{title}: {offer.say('State')}",
            key=f"driver_{driver}_state",
            device_class="enum",
            options=list(get_args(DriverState)),
            icon="mdi:lan-connect",
            **_DIAGNOSTIC,
        )


def _update(offer: Offer) -> Component:
    """Return what shows a newer version. It takes no command: nobody installs it from there."""
    topic = offer.topics.document(UPDATE)
    return _Maker(offer, UPDATE).entity(
        "update", UPDATE, "Update", state_topic=topic, **_DIAGNOSTIC
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes entities that read one document."""

    offer: Offer
    document: str

    def entity(self, platform: str, key: str, name: str, **more: Any) -> Component:
        own = key.replace("/", "_")
        unique = f"{self.offer.topics.node}_{own}"
        config = {"name": self.offer.say(name), "unique_id": unique, "qos": 1, **more}
        return Component(own, platform, config)

    def read(self, platform: str, key: str, name: str, template: str, **more: Any) -> Component:
        topic = self.offer.topics.document(self.document)
        return self.entity(platform, key, name, state_topic=topic, value_template=template, **more)

    def sensor(
        self, value: str, name: str, template: str = "", *, key: str = "", **more: Any
    ) -> Component:
        template = template or f"{{{{ value_json.{value} }}}}"
        return self.read("sensor", key or value, name, template, **more)

    def command(
        self, platform: str, key: str, name: str, template: str = "", **more: Any
    ) -> Component:
        template = template or f"{{{{ value_json.{key} }}}}"
        topic = self.offer.topics.command(key)
        return self.read(platform, key, name, template, command_topic=topic, **more)

    def switch(self, key: str, name: str, value: str = "", **more: Any) -> Component:
        template = f"{{{{ 'ON' if value_json.{value or key} else 'OFF' }}}}"
        return self.command("switch", key, name, template, **more)

    def button(self, key: str, name: str, **more: Any) -> Component:
        return self.entity(
            "button", key, name, command_topic=self.offer.topics.command(key), **more
        )
