"""The settings page's side of the server: what can be set, changing it, devices, pairing."""

from mirrord.web.settings.desk import Desk
from mirrord.web.settings.devices import Devices
from mirrord.web.settings.pairing import Pairing
from mirrord.web.settings.routes import settings_page

__all__ = ["Desk", "Devices", "Pairing", "settings_page"]
