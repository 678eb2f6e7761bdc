"""The smart-home hub: state, availability, discovery and commands over MQTT."""

from mirrord.hub.components import Say
from mirrord.hub.discovery import Card
from mirrord.hub.forget import clear
from mirrord.hub.hub import Hub, HubStatus

__all__ = ["Card", "Hub", "HubStatus", "Say", "clear"]
