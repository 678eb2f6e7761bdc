"""Why is it blue? Every link of the chain says what the code really does."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.colour import to_lab
from mirrord.colour_word import colour_word, is_pale
from mirrord.comfort import comfort_band
from mirrord.config import parse
from mirrord.controls import Controls, Hand
from mirrord.engine import Engine
from mirrord.model import EXPRESSIONS, Device, DriverStatus, Environment, Measured, Mood
from mirrord.mood import affect_at, affect_by_hand
from mirrord.response import COLOURS, RULES, SOURCES, answered, respond
from mirrord.safety import RANGES, Governor, Limits
from mirrord.store import Store
from mirrord.store.codec import row_by_hand
from mirrord.store.entries import ReadingTaken
from mirrord.teaching import NothingToCorrect, Teaching
from mirrord.web import make_app, serve
from mirrord.web.why import explaining
from mirrord.why.limits_met import limits_met
from mirrord.why.reasons import Reasons
from mirrord.wire import CameraSeen, FaceSeen, FrameSeen
from tests.fakes.mirror import FakeMirror
from tests.test_corrections import everybody

PATH = "emotions/api/why/"
unit = st.floats(-1, 1)


def room(valence: float, arousal: float) -> Environment:
    return respond(Mood(affect_at(valence, arousal), "sad", 0.9, 1, present=True), Measured())


@given(unit, unit)
def test_every_formula_is_what_the_response_does(valence: float, arousal: float):
    affect, environment = affect_at(valence, arousal), room(valence, arousal)
    names = {
        "valence": affect.valence,
        "arousal": affect.arousal,
        "joy": affect.joy,
        "calm": affect.calm,
        "energy": affect.energy,
        "melancholy": affect.melancholy,
        "comfort_c": 23.4,
        "tanh": math.tanh,
    }
    checked = 0
    for rule in RULES:
        if rule.part in RANGES:
            low, high, _ = RANGES[rule.part]
            said = eval(rule.formula, {"__builtins__": {}}, names)
            assert getattr(environment, rule.part) == pytest.approx(min(high, max(low, said)))
            checked += 1
    assert checked == len(RULES) - 1  # the colour's is in words


def test_every_rule_has_a_source_that_is_named():
    for rule in RULES:
        assert rule.sources or rule.part == "humidity_pct"
        assert set(rule.sources) <= set(SOURCES)


@given(unit, st.floats(-0.87, 1))
def test_a_response_tells_which_mood_it_answered_to(valence: float, arousal: float):
    environment = room(valence, arousal)
    found = answered(round(environment.audio_major, 4), round(environment.audio_articulation, 4))
    assert found == pytest.approx((valence, arousal), abs=0.003)


@pytest.mark.parametrize(
    ("colour", "word"),
    [
        (COLOURS["joy"], "golden"),
        (COLOURS["calm"], "teal"),
        (COLOURS["energy"], "orange_red"),
        (COLOURS["melancholy"], "violet"),
        ("#FFFFFF", "white"),
        ("#FFF1DD", "warm_white"),
        ("#E8F1FF", "cool_white"),
        ("#0000FF", "blue"),
        ("#00FF00", "green"),
        ("#FF0000", "red"),
        ("#FF80C0", "pink"),
        ("#000000", "white"),
    ],
)
def test_colours_have_the_words_that_people_use(colour: str, word: str):
    assert colour_word(colour) == word


def test_pale_colours_are_told_from_full_ones_and_from_white():
    assert [is_pale(one) for one in ("#8EC5CB", "#4FB8C9", "#FFFFFF", "#FF0000")] == [
        True, False, False, False,
    ]  # fmt: skip


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_has_a_word(value: int):
    assert colour_word(f"#{value:06X}")


def met(wish: Environment, limits: Limits, seconds: float = 30.0) -> dict[str, str]:
    """Return the limits that show once the governor has had the wish for a while."""
    governor, now_s = Governor(), 0.0
    governed = governor.govern(wish, limits, now_s)
    while now_s < seconds:
        now_s += 0.25
        governed = governor.govern(wish, limits, now_s)
    return {one.code: one.part for one in limits_met(wish, governed, limits, comfort_band())}


def test_the_limits_that_show_are_those_of_the_governor():
    wish = room(0.8, 0.6)
    assert set(met(wish, Limits())) <= {"fade", "setpoint_step", "humidity_step"}
    assert met(wish, Limits(brightness_cap=0.4))["brightness_cap"] == "lighting_intensity"
    assert met(wish, Limits(volume_cap=0.05))["volume_cap"] == "audio_volume"
    assert met(wish, Limits(volume_cap=0.0))["mute"] == "audio_volume"
    assert met(wish, Limits(), seconds=0.5)["volume_ramp"] == "audio_volume"
    assert met(replace(wish, temperature_c=27.9), Limits())["comfort_band"] == "temperature_c"


def test_a_flash_that_was_held_back_and_a_setpoint_that_waits_are_told():
    governor, limits = Governor(), Limits()
    dark, bright = room(-0.9, -0.9), room(0.9, 0.9)
    codes: set[str] = set()
    for tick in range(20):
        wish = (dark, bright)[tick % 2]
        governed = governor.govern(wish, limits, tick * 0.05)
        codes |= {one.code for one in limits_met(wish, governed, limits, comfort_band())}
    assert {"flash", "setpoint_wait"} <= codes


@dataclass
class Host:
    """A room with one lamp that takes whatever it is given."""

    last: Environment | None = None
    state: str = "ready"
    asked: list[Environment] = field(default_factory=list)

    def wish(self, environment: Environment) -> None:
        self.last = environment

    def measured(self) -> Measured:
        return Measured()

    @property
    def given(self) -> dict[str, Environment | None]:
        return {"hue": self.last}

    @property
    def status(self) -> list[DriverStatus]:
        lamp = Device("1", "lamp", "Sofa")
        return [DriverStatus("hue", "Hue", True, self.state, devices=(lamp,))]


class House:
    """An engine with a store, and the reasons of both."""

    def __init__(self, store: Store, data: dict[str, Any]) -> None:
        self.store, self.host, self.now_s = store, Host(), 1000.0
        config = parse({"store": {"every_s": 0.0}} | data, "test.toml")
        self.engine = Engine(config, Controls(), self.host, store, lambda: None, lambda: self.now_s)
        self.teaching = Teaching(store, self.engine)
        self.reasons = Reasons(self.engine, self.host, store)

    def see(self, name: str | None = "sad", frames: int = 30, said: str | None = None) -> None:
        for _ in range(frames):
            self.now_s += 0.1
            shares = {one: 0.88 if one == name else 0.02 for one in EXPRESSIONS}
            face = FaceSeen(1, (1, 1, 200, 200), 0.9, "good", shares, said or name, 0.9)
            faces = (face,) if name else ()
            self.engine.take(FrameSeen(1, round(self.now_s * 1e9), 640, 480, faces))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with Store.open(tmp_path / "mirror.sqlite3", flush_s=0.2) as store:
        house = House(store, {"mirror": {"guide_s": 60}})
        yield house
        house.engine.close()


async def test_the_chain_of_now(house: House):
    house.see()
    why = house.reasons.now()
    assert (why.reason, why.live, why.colour) == ("mirror", True, colour_word(why.color or ""))
    assert why.expression is not None
    assert (why.expression.name, why.expression.corrections) == ("sad", 0)
    assert why.seen == why.done.mood
    assert why.seen.dominant == "melancholy"
    assert why.smoothing.smoothing_s == 0.6
    assert not why.smoothing.held
    rules = {rule.part: rule for rule in why.rules}
    assert rules["lighting_color"].given == house.engine.environment.lighting_color
    assert {limit.code for limit in why.limits} >= {"fade"}
    (lamp,) = why.drivers
    assert lamp.values == {
        "lighting_color": house.host.last.lighting_color,
        "lighting_intensity": house.host.last.lighting_intensity,
        "transition_s": 2.0,
    }


async def test_each_reason(house: House):
    engine, reason = house.engine, house.reasons.reason
    assert reason() == "nobody"
    house.see(said="unsure", frames=3)
    assert reason() == "unsure"
    assert house.reasons.now().smoothing.held
    house.see()
    assert reason() == "mirror"
    engine.set_controls(Controls(mode="counter"))
    assert reason() == "counter"
    house.see("happy", 60)
    assert reason() == "counter_pleasant"
    engine.set_controls(Controls(mode="guide"))
    house.see(frames=20)
    assert reason() == "meeting"
    house.see(frames=200)
    assert reason() == "leading"
    house.see(frames=500)
    assert reason() == "there"
    assert house.reasons.now().done.guide.share == 1.0
    by_hand = Hand(joy=0.0, calm=0.9, energy=0.0, melancholy=0.0)
    for controls, said in [
        (Controls(hand=by_hand), "hand"),
        (Controls(hand=by_hand, camera=False), "hand"),
        (Controls(camera=False), "camera_off"),
        (Controls(room=False), "paused"),
        (Controls(mode="still"), "still"),
    ]:
        engine.set_controls(controls)
        assert reason() == said


async def test_corrections_stand_in_the_chain(house: House):
    house.see()
    for _ in range(3):
        await house.teaching.correct_look("neutral")
    house.see(frames=5)
    seen = house.reasons.now().expression
    assert seen.corrections == 3
    assert seen.classifier["sad"] > seen.shares["sad"]
    assert seen.offsets["neutral"] > 0 > seen.offsets["sad"]


async def test_the_past_is_told_from_what_was_recorded(house: House):
    house.see()
    live = house.reasons.now()
    await house.store.flush()
    reading = (await house.store.readings(limit=1))[0]
    why = await house.reasons.of_reading(reading.id)
    assert (why.live, why.reason, why.color) == (False, "mirror", live.color)
    assert why.reading == str(reading.id)
    assert why.done.mode == "mirror"
    for place in ("valence", "arousal"):
        assert getattr(why.done.mood, place) == pytest.approx(
            getattr(live.done.mood, place), abs=0.01
        )
    rules = {rule.part: (rule.wished, rule.given) for rule in why.rules}
    assert rules["audio_tempo_bpm"][0] == pytest.approx(rules["audio_tempo_bpm"][1], abs=0.5)
    assert await house.reasons.at(reading.timestamp + timedelta(minutes=5)) == why
    assert await house.reasons.at(reading.timestamp - timedelta(hours=1)) is None
    for end in (datetime.min, datetime.max):
        assert await house.reasons.at(end.replace(tzinfo=UTC)) is None
    assert await house.reasons.of_reading(UUID(int=7)) is None


async def test_the_past_knows_the_mode_the_hand_and_the_caps(house: House):
    house.see("sad", 10)
    house.engine.set_controls(Controls(mode="counter", brightness_cap=0.2))
    house.see("sad", 80)
    await house.store.flush()
    why = await house.reasons.of_reading((await house.store.readings(limit=1))[0].id)
    assert (why.reason, why.done.mode) == ("counter", "counter")
    assert why.seen.valence < 0 < why.done.mood.valence
    assert "brightness_held" in {limit.code for limit in why.limits}
    await asyncio.sleep(0.005)
    house.engine.set_controls(Controls(hand=Hand(joy=1.0, calm=0.0, energy=0.0, melancholy=0.0)))
    house.see("sad", 10)
    await asyncio.sleep(0.005)  # records tell apart what a millisecond separates
    house.engine.set_controls(Controls(mode="still"))
    await house.store.flush()
    by_hand = await house.reasons.of_reading((await house.store.readings(limit=1))[0].id)
    assert (by_hand.reason, by_hand.done.by_hand) == ("hand", True)
    house.see("sad", 10)
    await house.store.flush()
    still = await house.reasons.of_reading((await house.store.readings(limit=1))[0].id)
    assert (still.reason, still.rules, still.color) == ("unanswered", [], None)


async def test_a_reading_given_by_hand_is_told_as_such_and_cannot_be_corrected(house: House):
    affect, now = affect_by_hand(0.9, 0.1, 0.1, 0.0), datetime.now(UTC)
    answer = respond(Mood(affect, "unsure", 1.0, 1, present=True), Measured())
    await house.store.put(ReadingTaken("s", row_by_hand(now, affect, answer, now, "anna"), "web"))
    reading = (await house.store.readings(limit=1))[0]
    why = await house.reasons.of_reading(reading.id)
    assert (why.reason, why.expression, why.smoothing) == ("hand", None, None)
    assert why.done is None or why.done.by_hand
    colour = next(rule for rule in why.rules if rule.part == "lighting_color")
    assert math.dist(to_lab(colour.wished), to_lab(colour.given)) < 0.005
    with pytest.raises(NothingToCorrect, match="by hand"):
        await house.teaching.correct_reading("happy", reading.id)


async def test_with_nobody_there_the_chain_has_gaps(house: House):
    house.engine.take(CameraSeen("off"))
    house.host.last = None
    why = house.reasons.now()
    assert (why.expression, why.seen) == (None, None)
    assert why.drivers[0].values is None


async def test_over_http(house: House):
    house.see()
    await house.store.flush()
    reading = (await house.store.readings(limit=1))[0]
    app = make_app(FakeMirror(), everybody("look", "read"), explaining(house.reasons))
    async with serve(app, "127.0.0.1", 0) as address, aiohttp.ClientSession(address) as http:

        async def ask(query: str = "") -> tuple[int, Any]:
            async with http.get(PATH + query) as response:
                return response.status, await response.json()

        status, body = await ask()
        assert (status, body["data"]["reason"]) == (200, "mirror")
        assert body["data"]["rules"][0]["sources"] == ["jonauskaite", "valdez"]
        status, body = await ask(f"?reading={reading.id}")
        assert (status, body["data"]["live"]) == (200, False)
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        assert (await ask(f"?at={at}"))[1]["data"]["reading"] == str(reading.id)
        assert (await ask("?at=2020-01-01T00:00:00Z"))[0] == 404
        assert (await ask(f"?reading={UUID(int=1)}"))[0] == 404
        for query in ("?at=noon", "?reading=1", "?when=x", f"?at={at}&reading={reading.id}"):
            status, body = await ask(query)
            assert (status, body["success"]) == (400, False)


async def test_a_guest_may_ask_about_now_alone(house: House):
    app = make_app(FakeMirror(), everybody("look"), explaining(house.reasons))
    async with serve(app, "127.0.0.1", 0) as address, aiohttp.ClientSession(address) as http:
        async with http.get(PATH) as response:
            assert response.status == 200
        async with http.get(PATH + "?at=2026-03-01T10:00:00Z") as response:
            assert response.status == 403


def test_a_mood_by_hand_has_the_place_that_its_moods_describe():
    affect = affect_by_hand(1, 0, 0, 0)
    assert (affect.valence, affect.arousal) == (0.85, 0.35)
