"""What persons changed at a light themselves: left alone, trait by trait, for a while. Pure."""

from __future__ import annotations

from mirrord_hub_entities.look import NOTHING, TRAITS, Look, Trait, apart

# Lamps round, and clip colours to what they can do: what they make of a command may be so far off.
NEAR: dict[Trait, float] = {"brightness": 0.12, "tint": 0.08}
# Once that is known, anything that moves by more than this is a person's doing.
MOVED: dict[Trait, float] = {"brightness": 0.04, "tint": 0.02}


class Hands:
    """Compares what was asked with what a light says. Times are monotonic seconds."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._since: dict[Trait, float] = {}
        self._before = NOTHING
        self._taken = NOTHING  # what the light made of the last command

    def sent(self, before: Look) -> None:
        """Note how a light was when a command was sent to it."""
        self._before, self._taken = before, NOTHING

    def judged(self, asked: Look, state: Look, now: float) -> tuple[set[Trait], set[Trait]]:
        """Return the traits that a person has changed, and those that the light did not follow."""
        changed: set[Trait] = set()
        missed: set[Trait] = set()
        for trait in TRAITS:
            if trait in self._since or asked.part(trait) == NOTHING:
                continue
            if self._taken.part(trait) != NOTHING:
                if apart(self._taken, state, trait) > MOVED[trait]:
                    changed.add(trait)
            elif apart(asked, state, trait) <= NEAR[trait]:
                self._taken = self._taken.joined(state.part(trait))
            elif apart(self._before, state, trait) <= MOVED[trait]:
                missed.add(trait)
            else:
                changed.add(trait)
        for trait in changed:
            self._since[trait] = now
        return changed, missed

    @property
    def held(self) -> frozenset[Trait]:
        """What is left alone."""
        return frozenset(self._since)

    def expired(self, now: float) -> set[Trait]:
        """Return what follows the mood again, and forget that it was held."""
        free = {trait for trait, since in self._since.items() if now - since >= self._hold_s}
        return self._free(free)

    def let_go(self) -> set[Trait]:
        """Return whatever was held, and forget it."""
        return self._free(set(self._since))

    def _free(self, traits: set[Trait]) -> set[Trait]:
        for trait in traits:
            del self._since[trait]
            self._taken = self._taken.without(trait)
        return traits
