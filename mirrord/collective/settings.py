"""The settings of `collective.toml`, typed, with defaults that suffice for one process."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Meta

from mirrord.errors import ConfigError
from mirrord.runtime.secret import read_secret
from mirrord.runtime.settings import convert

Port = Annotated[int, Meta(ge=0, le=65_535)]
Origin = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^/\s]+$",
        description="an origin without a path, such as https://example.org",
    ),
]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file: no unknown keys, no change after reading."""


class ServerSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[server]: where the API and its pages are served, and under which address they are known."""

    host: Annotated[str, Meta(min_length=1, max_length=253)] = "127.0.0.1"
    port: Port = 8090
    public_url: Annotated[str, Meta(pattern=r"^(https?://[^/\s]+)?$")] = ""
    origins: list[Origin] = []
    proxies: list[str] = []  # addresses or networks whose X-Forwarded-For is believed
    drain_s: Annotated[float, Meta(ge=0, le=120)] = 10.0
    metrics: list[str] = msgspec.field(default_factory=lambda: ["127.0.0.0/8", "::1"])
    access_log: bool = True


class DatabaseSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[database]: SQLite in the state directory, or PostgreSQL."""

    url: Annotated[str, Meta(pattern=r"^(sqlite:///.+|postgresql://.+)?$")] = ""
    password_file: str = ""
    connections: Annotated[int, Meta(ge=2, le=200)] = 10
    keep_days: Annotated[float, Meta(gt=0, le=36_500)] = 3650.0


class BusSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[bus]: what several processes share besides the database; without one, this process alone."""

    url: Annotated[str, Meta(pattern=r"^(rediss?://.+)?$")] = ""
    password_file: str = ""


class AccountSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[accounts]: who may register, and how long what they hold stays valid."""

    registration: Literal["open", "invited", "closed"] = "open"
    token_days: Annotated[float, Meta(gt=0, le=3650)] = 90.0
    credential_days: Annotated[float, Meta(ge=1, le=3650)] = 90.0


class PrivacySettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[privacy]: what a group figure needs before it is shown; spaces may ask for more."""

    least: Annotated[int, Meta(ge=3, le=1000)] = 5
    window_s: Annotated[int, Meta(ge=60, le=86_400)] = 300
    epsilon: Annotated[float, Meta(ge=0, le=10)] = 0.0  # of one contributor and window; 0: no noise


class LimitSettings(_Table, frozen=True, forbid_unknown_fields=True):
    """[limits]: requests a minute, and what one account may have.

    `batches_at_once`, `requests_at_once`: jobs of one process that may be done or wait in the
    database before mirrors, or all others, are sent away for some seconds.
    """

    address_per_minute: Annotated[int, Meta(ge=1, le=1_000_000)] = 600
    account_per_minute: Annotated[int, Meta(ge=1, le=1_000_000)] = 6000
    mirror_per_minute: Annotated[int, Meta(ge=1, le=1_000_000)] = 120
    batches_at_once: Annotated[int, Meta(ge=1, le=100_000)] = 64
    requests_at_once: Annotated[int, Meta(ge=1, le=100_000)] = 512
    sockets: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000  # of one process
    sockets_per_address: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    mirrors: Annotated[int, Meta(ge=1, le=100_000)] = 50
    spaces: Annotated[int, Meta(ge=1, le=100_000)] = 20


class Settings(_Table, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    bus: BusSettings = BusSettings()
    accounts: AccountSettings = AccountSettings()
    privacy: PrivacySettings = PrivacySettings()
    limits: LimitSettings = LimitSettings()
    file: str = ""


def load(path: str | Path) -> Settings:
    """Read a TOML file. Raises ConfigError naming the file, the key and what was expected."""
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file; config/collective.toml is one to start from"
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: no valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if "file" in data:
        raise ConfigError(f"{path}: file: no such setting")
    return convert({**data, "file": str(path)}, Settings, str(path))


def changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """Return settings with what was given on the command line over them. Raises ConfigError."""
    places = {
        "host": ("server", "host"),
        "port": ("server", "port"),
        "database": ("database", "url"),
        "bus": ("bus", "url"),
    }
    data = msgspec.to_builtins(settings)
    for name, value in given.items():
        if value is not None:
            table, key = places[name]
            data[table][key] = value
    return convert(data, Settings, settings.file or "the command line")


def with_password(url: str, password_file: str, key: str) -> str:
    """Return an address with the password of a file put in. Raises ConfigError."""
    parts = urlsplit(url)
    if parts.password:
        raise ConfigError(f"{key}: put the password into a file and name it in password_file")
    if not password_file or not url:
        return url
    secret = quote(read_secret(password_file), safe="")
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{secret}@{place}").geturl()
