"""Every mistake in a table is told in one sentence: the file, the key, and what is right."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.errors import ConfigError
from mirrord.runtime.settings import convert

Step = Annotated[float, msgspec.Meta(gt=0.0)]
Secretive = Annotated[str, msgspec.Meta(pattern="^[a-f]+$")]


class Valve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Literal["zigbee2mqtt", "tasmota"]
    topic: Annotated[str, msgspec.Meta(min_length=1)]
    min_c: Annotated[float, msgspec.Meta(ge=5.0, le=30.0)] = 16.0
    max_c: float = 24.0

    def __post_init__(self) -> None:
        if self.min_c > self.max_c:
            raise ValueError("min_c has to be below max_c")


class Room(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 1883
    tls: bool = False
    step: Step = 0.5
    quarter: Annotated[int, msgspec.Meta(multiple_of=15)] = 15
    source: int | str = 0
    title: Annotated[str, msgspec.Meta(max_length=5)] = ""
    token: Secretive = "abc"
    colour: Annotated[str, msgspec.Meta(pattern="^#", description='a colour such as "#ffd700"')] = (
        "#ffffff"
    )
    valves: list[Valve] = []
    pair: tuple[int, str] = (1, "a")
    few: Annotated[list[int], msgspec.Meta(max_length=2)] = []
    some: Annotated[list[int], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: [1]
    )
    spare: Valve | None = None
    by_name: dict[str, Valve] = {}


OK_VALVE = {"kind": "tasmota", "topic": "t"}
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"host": 1}, "host: expected text, not 1"),
    ({"port": "a"}, "port: expected a whole number from 1 to 65535, not text"),
    ({"port": 0}, "port: expected a whole number from 1 to 65535, not 0"),
    ({"port": 80.5}, "port: expected a whole number from 1 to 65535, not 80.5"),
    ({"port": True}, "port: expected a whole number from 1 to 65535, not true"),
    ({"tls": "true"}, "tls: expected true or false, not text"),
    ({"tls": 1}, "tls: expected true or false, not 1"),
    ({"step": 0}, "step: expected a number above 0, not 0"),
    ({"step": float("nan")}, "step: expected a number above 0, not nan"),
    ({"step": [1]}, "step: expected a number above 0, not a list"),
    ({"quarter": 7}, "quarter: expected a whole number that is a multiple of 15, not 7"),
    ({"source": 1.5}, "source: expected a whole number or text, not 1.5"),
    ({"title": "too long"}, "title: expected text of 0 to 5 characters"),
    ({"colour": "red"}, 'colour: expected a colour such as "#ffd700"'),
    ({"colour": 1}, 'colour: expected a colour such as "#ffd700", not 1'),
    ({"valves": {}}, "valves: expected a list, not a table"),
    ({"valves": [3]}, "valves[0]: expected a table, not 3"),
    ({"pair": [1]}, "pair: expected a list of 2 values, not 1"),
    ({"pair": [1, 2]}, "pair[1]: expected text, not 2"),
    ({"few": [1, 2, 3]}, "few: expected a list of 0 to 2 entries, not 3"),
    ({"some": []}, "some: expected a list of at least 1 entries, not 0"),
    ({"spare": 5}, "spare: expected a table, not 5"),
    ({"spare": {"kind": "tasmota"}}, "spare.topic: is missing; expected text that is not empty"),
    (
        {"valves": [OK_VALVE, {**OK_VALVE, "kind": "tasmoda"}]},
        "valves[1].kind: expected one of tasmota, zigbee2mqtt, not 'tasmoda'",
    ),
    (
        {"valves": [{**OK_VALVE, "min_c": 50}]},
        "valves[0].min_c: expected a number from 5 to 30, not 50",
    ),
    ({"valves": [{**OK_VALVE, "max_c": 6.0}]}, "valves[0]: min_c has to be below max_c"),
    ({"valves": [{**OK_VALVE, "topc": 1}]}, "valves[0].topc: no such setting; did you mean topic?"),
    (
        {"spare": {**OK_VALVE, "qqqq": 1}},
        "spare.qqqq: no such setting; known are kind, topic, min_c, max_c",
    ),
    ({"by_name": {"a": {**OK_VALVE, "tpic": 1}}}, "no such setting; did you mean topic?"),
    ({"hots": "a"}, "hots: no such setting; did you mean host?"),
]


@pytest.mark.parametrize(("change", "said"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake_is_told_in_plain_words(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        convert({"host": "h", **change}, Room, "mirror.toml", "drivers.room")
    text = str(refused.value)
    assert text.startswith("mirror.toml: drivers.room.")
    assert text.endswith(said)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigError) as refused:
        convert({}, Room, "mirror.toml")
    assert str(refused.value) == "mirror.toml: host: is missing; expected text"


def test_text_that_may_be_a_secret_is_not_repeated() -> None:
    for change in ({"token": "hunter2"}, {"port": "hunter2"}, {"title": "hunter2"}):
        with pytest.raises(ConfigError) as refused:
            convert({"host": "h", **change}, Room, "mirror.toml")
        assert "hunter2" not in str(refused.value)


def test_a_good_table_is_converted() -> None:
    room = convert({"host": "h", "valves": [OK_VALVE], "source": "film.mp4"}, Room, "mirror.toml")
    assert room.valves == [Valve("tasmota", "t")]
    assert room.source == "film.mp4"


keys = st.sampled_from([*Room.__struct_fields__, *Valve.__struct_fields__, "x", "a`b", "$.é\n"])
values = st.recursive(
    st.booleans() | st.dates() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(keys, values))
def test_whatever_is_written_gives_settings_or_one_sentence(data: dict[str, Any]) -> None:
    said = said_of(data)
    assert said == "" or said.startswith("mirror.toml: ")
    assert "\n" not in said
    assert "`" not in said.replace("a`b", "")
    assert "$[" not in said


def said_of(data: dict[str, Any]) -> str:
    try:
        assert isinstance(convert(data, Room, "mirror.toml", "drivers.room"), Room)
    except ConfigError as error:
        return str(error)
    return ""
