"""One light: what it says, what it is asked, and how it was found."""

from __future__ import annotations

import logging
import math
from collections.abc import MutableMapping
from typing import Any

import msgspec

from mirrord.driver import Device, Environment
from mirrord.lamp_colour import to_mired, to_xy
from mirrord.mqtt import Message
from mirrord.mqtt.payload import Junk
from mirrord.mqtt.remarks import Remarks
from mirrord_hub_entities.convention import Report
from mirrord_hub_entities.conventions import KINDS
from mirrord_hub_entities.hands import Hands
from mirrord_hub_entities.look import NOTHING, TRAITS, Look, Trait, apart
from mirrord_hub_entities.settings import LightSettings

log = logging.getLogger(__name__)

ACQUAINTED_S = 0.2  # what belongs to one state may come in several messages
GAP_S = 0.25  # between commands: a light gets at most four a second
TRIES, UNHEARD = 2, 6  # times that a command is sent; the second if there was no answer at all
SILENT_S = 10.0  # without a word of its state, the page says what to do
ASK_AGAIN_S = 60.0
# Steps that nobody sees are not worth a command: of brightness, of chromaticity (MacAdam 1942).
STEPS: dict[Trait, float] = {"brightness": 0.01, "tint": 0.002}
SAME: dict[Trait, float] = {"brightness": 0.02, "tint": 0.02}


class Light:
    """Decides what to send to one light. No input, no output; times are monotonic seconds.

    A light is *found* from the moment its state is kept until it is put back. It is *lit* once it
    was seen shining after a command: one that is off then was switched off by a person, and stays.
    """

    def __init__(
        self, settings: LightSettings, memory: MutableMapping[str, Any], hold_s: float
    ) -> None:
        self._convention = KINDS[settings.kind].make(settings)
        self.id, self._name = f"light:{settings.topic}", settings.name or settings.topic
        self._memory, self._hands = memory, Hands(hold_s)
        self._found = _load(memory.get(self.id))
        self._state = self._asked = NOTHING
        self._online: bool | None = None
        self._remarks = Remarks(self.id, log)
        self._lit = self._returning = False
        self._tries = 0
        self._started_at: float | None = None
        self._asked_at = self._known_at = self._heard_at = -math.inf
        self._sent_at = self._settled_at = -math.inf
        self.due = math.inf  # when there may be something to do again

    def topics(self) -> frozenset[str]:
        return self._convention.topics()

    def hear(self, topic: str, payload: bytes, now: float) -> None:
        """Take in one message; what is no sense is said once and ignored."""
        try:
            report = self._convention.decode(topic, payload)
        except Junk as reason:
            self._remarks.ignored(topic, reason)
            return
        self._merge(report, now)

    def poll(self, now: float) -> tuple[Message, ...]:
        """Return the questions to ask now: on connecting, and as long as nothing is known."""
        self._started_at = now if self._started_at is None else self._started_at
        known = self._state.on is not None and self._asked_at > -math.inf
        if known or now < self._asked_at + ASK_AGAIN_S:
            return ()
        self._asked_at = now
        return self._convention.queries()

    def steer(self, environment: Environment, now: float) -> tuple[Message, ...]:
        """Return the commands that bring the light towards the environment."""
        if not environment.present:
            return self.give_back(environment.transition_s, now)
        if self._idle(now):
            return ()
        if self._returning:  # somebody is back before it was
            self._returning, self._asked, self._tries = False, NOTHING, 0
        self._judge(now)
        follow = environment.wish_for(self.id).follow
        for trait in self._hands.let_go() if follow else self._hands.expired(now):
            self._asked = self._asked.without(trait)
        if self._lit and self._state.on is False:
            return ()
        news = self._news(self._wished(environment))
        if news == NOTHING or self._too_early(now):
            return ()
        if self._found is None:
            self._keep(self._state)
            news = self._calmed(news)
        return self._send(news, environment.transition_s, now)

    def give_back(self, fade_s: float, now: float) -> tuple[Message, ...]:
        """Return the commands that restore what was found."""
        if self._found is None or self._idle(now):
            return ()
        off = self._state.on is False and (self._lit or now >= self._settled_at)
        if off or self._as_found(self._found):  # found off, or switched off by a person
            self._forget()
            return ()
        if self._returning and now < self._settled_at:
            self.due = self._settled_at
            return ()
        if self._returning and self._tries >= TRIES:
            log.info("%s does not go back to how it was found", self.id)
            self._forget()
            return ()
        if self._too_early(now):
            return ()
        self._tries = self._tries + 1 if self._returning else 1
        self._returning = True
        return self._send_back(self._found, fade_s, now)

    @property
    def restored(self) -> bool:
        """Whether nothing is left to wait for before going."""
        return self._found is None or self._online is False

    def refused(self, why: str) -> None:
        """The broker does not let a command or a subscription through."""
        self._remarks.tell(why)

    def device(self, now: float) -> Device:
        """Return what the page shows."""
        silent = self._state.on is None and self._online is not False
        waited = self._started_at is not None and now > self._started_at + SILENT_S
        hint = self._convention.manner.silent if silent and waited else None
        level = self._state.brightness
        return Device(
            self.id,
            "lamp",
            self._name,
            {
                "on": self._state.on,
                "color": self._state.shown,
                "brightness": None if level is None else round(level, 3),
                "reachable": self._online is not False,
                "held": bool(self._hands.held),
                "problem": self._remarks.problem or hint,
            },
        )

    def _wished(self, environment: Environment) -> Look:
        """Return how the light should shine, as far as it can."""
        by_hand, able = environment.wish_for(self.id), self._convention.abilities
        share = environment.lighting_intensity if by_hand.brightness is None else by_hand.brightness
        colour = by_hand.color or environment.lighting_color
        white = None if able.colours or not able.whites else to_mired(to_xy(colour), *able.whites)
        return Look(
            on=True,
            brightness=share * by_hand.gain if able.dims else None,
            color=colour if able.colours else None,
            mired=white,
        )

    def _news(self, wish: Look) -> Look:
        """Return what has to be said of a wish: what differs visibly from what was asked."""
        news = NOTHING
        for trait in TRAITS:
            part = wish.part(trait)
            same = self._asked.part(trait) != NOTHING
            if trait in self._hands.held or (
                same and apart(self._asked, part, trait) < STEPS[trait]
            ):
                continue
            news = news.joined(part)
        able = self._convention.abilities
        steerable = able.dims or able.colours or able.whites  # a mere switch may feed anything
        if steerable and self._state.on is False and not self._asked.on:
            news = news.joined(Look(on=True))
        return news

    def _calmed(self, news: Look) -> Look:
        """Return the first command, which also ends an effect that is running."""
        calm = self._convention.manner.calm
        running = calm and self._state.extra not in (None, calm)
        return news.joined(Look(extra=calm)) if running and news.point is not None else news

    def _send(self, look: Look, fade_s: float, now: float) -> tuple[Message, ...]:
        self._hands.sent(self._state)
        self._asked = self._asked.joined(look)
        self._sent_at = now
        self._settled_at = self.due = now + fade_s + self._convention.manner.settle_s
        return self._convention.encode(look, fade_s)

    def _send_back(self, found: Look, fade_s: float, now: float) -> tuple[Message, ...]:
        """Return its look, and where it was off that too: a light that is off takes no look."""
        look = msgspec.structs.replace(found, on=None)
        messages = self._send(look, fade_s, now) if look != NOTHING else ()
        if found.on:
            return messages
        return messages + self._send(Look(on=False), 0.0, now)

    def _judge(self, now: float) -> None:
        """See whether a person has changed something, or a command was lost."""
        if self._asked == NOTHING or now < self._settled_at or self._unheard():
            return
        if self._state.on is not True:
            if self._asked.on and not self._lit and self._again():
                self._asked = NOTHING
            return
        changed, missed = self._hands.judged(self._asked, self._state, now)
        for trait in changed:
            log.info("%s: its %s was changed elsewhere, and is left alone", self.id, trait)
            self._keep((self._found or self._state).joined(self._state.part(trait)))
        if missed and self._again():
            for trait in missed:
                self._asked = self._asked.without(trait)
        elif not missed:
            self._tries = 0

    def _unheard(self) -> bool:
        """Whether nothing was said since the last command: it may be lost, and is repeated."""
        unheard = self._heard_at <= self._sent_at
        if unheard and self._again(UNHEARD):
            self._asked = NOTHING
        return unheard

    def _again(self, tries: int = TRIES) -> bool:
        """Whether a command that had no effect may be repeated."""
        self._tries += 1
        return self._tries < tries

    def _too_early(self, now: float) -> bool:
        if now >= self._sent_at + GAP_S:
            return False
        self.due = self._sent_at + GAP_S
        return True

    def _idle(self, now: float) -> bool:
        """Whether it is to be left alone: out of reach, unknown, just met."""
        self.due = self._settled_at if self._settled_at > now else math.inf
        if self._online is False or not self._convention.ready or self._state.on is None:
            return True
        if now < self._known_at + ACQUAINTED_S:
            self.due = self._known_at + ACQUAINTED_S
            return True
        return False

    def _as_found(self, found: Look) -> bool:
        """Whether the light says that it is as it was found, and nothing else is under way."""
        fresh = self._heard_at > self._sent_at if self._returning else self._asked == NOTHING
        if not fresh or self._state.on is not found.on:
            return False
        return all(apart(self._state, found, trait) <= SAME[trait] for trait in TRAITS)

    def _merge(self, report: Report, now: float) -> None:
        if report.problem is not None:
            self._remarks.tell(report.problem)
        if report.online is not None:
            self._meet(report.online)
        if report.look == NOTHING:
            return
        before, self._state = self._state, self._state.joined(report.look)
        self._heard_at = now
        if before.on is None and self._state.on is not None:
            self._known_at = now
        if self._state.on and self._asked != NOTHING:
            self._lit = True
            if before.on is False and now >= self._settled_at:
                self._asked = NOTHING  # switched on by a person: it gets the whole wish once more

    def _meet(self, online: bool) -> None:
        """Note whether it is there; one that is back is asked, and told everything again."""
        if online and self._online is False:
            self._asked_at, self._asked = -math.inf, NOTHING
            self._tries, self._returning, self._lit = 0, False, False
        self._online = online

    def _keep(self, found: Look) -> None:
        self._found = found
        self._memory[self.id] = msgspec.to_builtins(found)

    def _forget(self) -> None:
        self._found, self._asked = None, NOTHING
        self._returning = self._lit = False
        self._tries = 0
        self._hands.let_go()
        self._memory.pop(self.id, None)


def _load(value: Any) -> Look | None:
    """Return a look from memory, or None where there is none or it is damaged."""
    try:
        look = msgspec.convert(value, Look)
    except msgspec.ValidationError:
        return None
    return None if look.on is None else look
