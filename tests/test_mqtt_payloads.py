"""JSON that is nested deeper than anybody's stack is read as junk by every convention."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: what is wrong would be the end of it.
CHILD = """
from mirrord.mqtt.payload import Junk, document
from mirrord.runtime.settings import convert
from mirrord_hub_entities.conventions import KINDS as LIGHTS
from mirrord_hub_entities.settings import LightSettings
from mirrord_thermostat.conventions import KINDS as THERMOSTATS
from mirrord_thermostat.settings import ThermostatSettings

DEPTH = 100_000
DEEP = (b"[" * DEPTH, b"[" * DEPTH + b"]" * DEPTH, b'{"state":' * DEPTH, b'[{"exposes":' * DEPTH)
MORE = {
    LightSettings: {"command": "{hex}", "color_field": "c"},
    ThermostatSettings: {"state_topic": "c/d", "setpoint_field": "e", "command_topic": "f"},
}
read = 0
for kinds, settings in ((LIGHTS, LightSettings), (THERMOSTATS, ThermostatSettings)):
    for kind in kinds:
        more = MORE[settings] if kind == "generic" else {}
        table = {"kind": kind, "topic": "a/b/c"} | more
        one = kinds[kind].make(convert(table, settings, "test", "drivers.test"))
        for topic in one.topics():
            for payload in DEEP:
                try:
                    one.decode(topic, payload)
                except Junk:
                    pass
                read += 1
for payload in DEEP:
    try:
        document(payload)
    except Junk:
        continue
    raise SystemExit("it was read")
print(read)
"""


def test_nesting_beyond_any_stack_is_junk():
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 100
