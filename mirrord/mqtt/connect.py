"""Getting in: the secret, the certificates, and the version of MQTT that the broker speaks."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from paho.mqtt.enums import MQTTProtocolVersion

from mirrord.errors import ConfigError, Refused, Unavailable
from mirrord.mqtt.link import Denied, Heard, Link, ProtocolTooNew, linked
from mirrord.mqtt.network import Broker, encrypted
from mirrord.runtime.secret import handed_over, read_secret

_log = logging.getLogger(__name__)
_OLD = "3.1.1"


def secret_in(password_file: str) -> str:
    """Return the password in a file, or "" for no file. Raises Refused."""
    if not password_file:
        return ""
    try:
        return read_secret(password_file)
    except ConfigError as error:
        raise Refused(str(error)) from None


def trusting(ca_file: str, cert_file: str = "", key_file: str = "") -> ssl.SSLContext:
    """Trust a file of authorities, or the system's; show a certificate of our own if one is named.

    Raises Refused if a file cannot be read.
    """
    try:
        context = encrypted(ca_file)
    except OSError:
        raise Refused(f"ca_file {ca_file} cannot be read as certificates (PEM)") from None
    if cert_file:
        try:
            key = handed_over(Path(key_file)) if key_file else None
            context.load_cert_chain(handed_over(Path(cert_file)), key, password="")
        except OSError:
            pair = f"cert_file {cert_file} and key_file {key_file or cert_file}"
            raise Refused(f"{pair} cannot be read as a certificate and its key (PEM)") from None
    return context


@asynccontextmanager
async def connected(
    broker: Broker, memory: MutableMapping[str, Any], heard: Heard, denied: Denied
) -> AsyncIterator[Link]:
    """Connect with MQTT 5, or with 3.1.1 where the broker wants that; `memory` keeps which.

    Raises Unavailable, or Refused where trying again would not help.
    """
    async with AsyncExitStack() as stack:
        yield await _connect(stack, broker, memory, heard, denied)


async def _connect(
    stack: AsyncExitStack,
    broker: Broker,
    memory: MutableMapping[str, Any],
    heard: Heard,
    denied: Denied,
) -> Link:
    key = f"mqtt:{broker.where}"
    if memory.get(key) != _OLD:
        five = linked(broker, MQTTProtocolVersion.MQTTv5, heard, denied)
        try:
            return await stack.enter_async_context(five)
        except ProtocolTooNew as reason:
            _log.debug("%s; trying MQTT 3.1.1", reason)
    three = linked(broker, MQTTProtocolVersion.MQTTv311, heard, denied)
    try:
        link = await stack.enter_async_context(three)
    except ProtocolTooNew as reason:
        memory.pop(key, None)
        raise Unavailable(f"{reason}: is it a broker, and is tls set right?") from None
    except Unavailable:
        memory.pop(key, None)  # it may come back as a newer one
        raise
    memory[key] = _OLD
    return link
