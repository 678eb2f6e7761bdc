"""How Home Assistant is told of the entities: the device at once, or each by itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

import mirrord
from mirrord.hub.components import Component
from mirrord.hub.topics import Topics
from mirrord.mqtt import Message

Discovery = Literal["device", "single", "off"]


@dataclass(frozen=True, slots=True)
class Card:
    """What the hub shows of the device itself."""

    name: str
    area: str = ""
    page: str = ""  # the address of the page, "" where others cannot reach it


def announcements(
    how: Discovery, topics: Topics, card: Card, found: Sequence[Component]
) -> list[Message]:
    """Return the retained messages that announce the mirror."""
    if how == "off":
        return []
    shared = {**_whose(topics, card), **_availability(topics)}
    if how == "single":
        return [
            _message(topics.component(one.platform, one.key), {**shared, **one.config})
            for one in found
        ]
    entities = {one.key: {"platform": one.platform, **one.config} for one in found}
    return [_message(topics.device, {**shared, "components": entities})]


def farewells(topics: Topics, card: Card, gone: Mapping[str, str]) -> list[Message]:
    """Return what removes entities (key to platform) from a device that stays announced.

    Home Assistant passes over what does not say whose the entities are.
    """
    entities = {key: {"platform": platform} for key, platform in gone.items()}
    said = {**_whose(topics, card), "components": entities}
    return [_message(topics.device, said)] if gone else []


def _whose(topics: Topics, card: Card) -> dict[str, Any]:
    return {"device": _device(topics, card), "origin": _origin()}


def _device(topics: Topics, card: Card) -> dict[str, Any]:
    more = {"suggested_area": card.area, "configuration_url": card.page}
    return {
        "identifiers": [topics.node],
        "name": card.name,
        "manufacturer": "Mood Mirror",
        "model": "Mood Mirror",
        "sw_version": mirrord.__version__,
        **{key: value for key, value in more.items() if value},
    }


def _origin() -> dict[str, str]:
    return {"name": "mood-mirror", "sw_version": mirrord.__version__}


def _availability(topics: Topics) -> dict[str, str]:
    return {"availability_topic": topics.availability}


def _message(topic: str, payload: Mapping[str, Any]) -> Message:
    return Message(topic, msgspec.json.encode(payload).decode(), retain=True)
