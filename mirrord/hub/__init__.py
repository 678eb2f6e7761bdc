"""The smart-home hub: state, availability, discovery and commands over MQTT."""

from mirrord.hub.components import Say
from mirrord.hub.discovery import Card
from mirrord.hub.hub import Hub, HubStatus
from mirrord.hub.visit import clear, reach

__all__ = ["Card", "Hub", "HubStatus", "Say", "clear", "reach"]
