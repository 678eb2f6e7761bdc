"""The settings of `mirrord.toml`, typed, with their defaults."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from mirrord.errors import ConfigError
from mirrord.model import ModeName, MoodName
from mirrord.runtime import settings
from mirrord.runtime.settings import convert
from mirrord.sight_settings import CameraSettings, VisionSettings
from mirrord.whereabouts import is_loopback, place_of

nearest = settings.nearest

Seconds = Annotated[float, msgspec.Meta(ge=0.0, le=86_400.0)]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Locale = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(auto|[a-z]{2}(_[A-Z]{2})?)$",
        description='"auto", or a language such as "en" or "de_AT"',
    ),
]
# No wildcards, and no empty level at either end.
TopicName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^#+\x00/]+(/[^#+\x00/]+)*$")
]
# Of such letters alone that mean nothing to a shell: commands with it are shown to be copied.
RELEASES: Final = (
    r"^(https://([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r"|http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?)(/[A-Za-z0-9._~/%+@,=:-]*)?\Z"
)
ReleasesAddress = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^\Z|{RELEASES}",
        max_length=300,
        description="an https:// address without a user, ? and # (http:// for this computer alone)"
        ', or "" to ask nobody',
    ),
]
_OF_THE_SERVICE: Final = Path("/var/lib/mirrord")
_REQUIRED: Final = "required"
Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file: no unknown keys, no change after reading."""


class MirrorSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[mirror]: who it is and what it does."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)] = "Mirror"
    mode: ModeName = "mirror"
    goal: MoodName = "calm"
    guide_s: Annotated[float, msgspec.Meta(ge=60.0, le=7200.0)] = 600.0
    locale: Locale = "auto"


class MoodSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[mood]: how readings become a mood."""

    smoothing_s: Annotated[float, msgspec.Meta(ge=0.0, le=60.0)] = 0.6
    dwell_s: Annotated[float, msgspec.Meta(ge=0.0, le=60.0)] = 0.3
    grace_s: Annotated[float, msgspec.Meta(ge=0.0, le=3600.0)] = 8.0
    session_end_s: Annotated[float, msgspec.Meta(ge=1.0, le=86_400.0)] = 120.0
    table: Literal["pad", "words"] = "pad"


class RoomSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[room]: the bounds within which the room may answer."""

    fade_s: Annotated[float, msgspec.Meta(ge=0.0, le=60.0)] = 2.0
    brightness_cap: Share = 1.0
    volume_cap: Annotated[float, msgspec.Meta(ge=0.0, le=0.3)] = 0.3
    comfort_c: Annotated[float, msgspec.Meta(ge=18.0, le=28.0)] = 23.4
    hold_s: Annotated[float, msgspec.Meta(ge=10.0, le=604_800.0)] = 7200.0
    thermostat_every_s: Annotated[float, msgspec.Meta(ge=60.0, le=86_400.0)] = 600.0


class StoreSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[store]: what is kept, where, and for how long."""

    path: str = ""
    flush_s: Annotated[float, msgspec.Meta(ge=0.1, le=600.0)] = 5.0
    every_s: Annotated[float, msgspec.Meta(ge=0.0, le=3600.0)] = 1.0
    keep_days: Annotated[float, msgspec.Meta(gt=0.0, le=36_500.0)] = 365.0
    max_mb: Annotated[float, msgspec.Meta(ge=1.0, le=1_000_000.0)] = 500.0


class WebSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[web]: where the page is served."""

    host: Annotated[str, msgspec.Meta(min_length=1)] = "127.0.0.1"
    port: Port = 8080
    password: Literal["required", "optional"] = _REQUIRED
    announce: bool = True

    def __post_init__(self) -> None:
        if self.opens_here and not is_loopback(self.host):
            raise ValueError(
                'password = "optional" is for this computer alone: set host to "127.0.0.1", '
                'or password to "required"'
            )

    @property
    def opens_here(self) -> bool:
        """Tell whether this computer itself needs no password until one is set."""
        return self.password != _REQUIRED


class HubSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[hub]: the smart home's MQTT broker. Without a host nothing is said to anybody."""

    host: Annotated[str, msgspec.Meta(max_length=253)] = ""
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 1883
    username: str = ""
    password_file: str = ""
    tls: bool = False
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    base_topic: TopicName = "mirrord"
    discovery: Literal["device", "single", "off"] = "device"
    discovery_prefix: TopicName = "homeassistant"
    area: Annotated[str, msgspec.Meta(max_length=60)] = ""
    expressions: bool = True

    def __post_init__(self) -> None:
        if self.password_file and not self.username:
            raise ValueError("password_file needs a username")
        if (self.ca_file or self.cert_file) and not self.tls:
            raise ValueError("ca_file and cert_file need tls = true")
        if self.key_file and not self.cert_file:
            raise ValueError("key_file needs a cert_file")


class SyncSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[sync]: how to send to a collective, once the mirror is linked with one."""

    every_s: Annotated[float, msgspec.Meta(ge=1.0, le=86_400.0)] = 60.0
    outbox_mb: Annotated[float, msgspec.Meta(ge=0.1, le=1000.0)] = 8.0
    ca_file: str = ""


class UpdateSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[updates]: where to ask whether there is a newer version. Without an address nobody is."""

    url: ReleasesAddress = ""

    def __post_init__(self) -> None:
        try:
            place_of(self.url)
        except ValueError:
            raise ValueError("url: a port is 65535 at most") from None


class Config(_Table, frozen=True, forbid_unknown_fields=True):
    """The whole file. The tables under [drivers] are each driver's own, read by the driver host."""

    mirror: MirrorSettings = MirrorSettings()
    camera: CameraSettings = CameraSettings()
    vision: VisionSettings = VisionSettings()
    mood: MoodSettings = MoodSettings()
    room: RoomSettings = RoomSettings()
    store: StoreSettings = StoreSettings()
    web: WebSettings = WebSettings()
    hub: HubSettings = HubSettings()
    sync: SyncSettings = SyncSettings()
    updates: UpdateSettings = UpdateSettings()
    drivers: dict[str, dict[str, Any]] = {}
    file: str = ""
    stated: frozenset[str] = frozenset()  # the keys that the file has, such as "camera.fps"


def load(path: str | Path) -> Config:
    """Read a TOML file. Raises ConfigError naming the file, the key and what was expected."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file; config/mirrord.toml is one to start from"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: cannot be read, it is no UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: no valid TOML: {error}") from None
    return parse(data, str(path))


def parse(data: dict[str, Any], where: str) -> Config:
    """Return typed settings. Raises ConfigError as `load` does."""
    for ours in {"file", "stated"} & data.keys():
        raise ConfigError(f"{where}: {ours}: no such setting")
    drivers = data.get("drivers", {})
    if isinstance(drivers, dict):
        for name, table in drivers.items():
            if not isinstance(table, dict):
                raise ConfigError(f"{where}: drivers.{name}: expected a table [drivers.{name}]")
    return convert({**data, "file": where, "stated": _stated(data)}, Config, where)


def _stated(data: dict[str, Any]) -> set[str]:
    """Return the keys that are written down, such as "camera.fps" and "drivers.hue.bridge"."""
    tables = {name: table for name, table in data.items() if isinstance(table, dict)}
    drivers = tables.pop("drivers", {})
    tables |= {f"drivers.{name}": table for name, table in drivers.items()}
    return {f"{name}.{key}" for name, table in tables.items() for key in table}


def state_dir() -> Path:
    """Return the directory for what the mirror keeps: systemd's, or the user's data directory."""
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    if os.geteuid() == 0 and _OF_THE_SERVICE.is_dir():
        return _OF_THE_SERVICE  # root looks after the service
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "mood-mirror"


def accounts_path(config: Config) -> Path:
    """Return the file of the accounts, beside the database that the settings' file names."""
    return store_path(config).with_name("accounts.sqlite3")


def consent_path(config: Config) -> Path:
    """Return the file of the consent, beside the accounts."""
    return store_path(config).with_suffix(".consent.json")


def store_path(config: Config) -> Path:
    """Return the database file."""
    if config.store.path:
        return Path(config.store.path).expanduser()
    return state_dir() / "mirror.sqlite3"
