"""MQTT for drivers and for the hub: connections that never deliver a stale word."""

from mirrord.mqtt.connect import connected, secret_in, trusting
from mirrord.mqtt.link import Denied, Heard, Link
from mirrord.mqtt.message import Message
from mirrord.mqtt.network import Broker

__all__ = [
    "Broker",
    "Denied",
    "Heard",
    "Link",
    "Message",
    "connected",
    "secret_in",
    "trusting",
]
