"""Where settings are looked at, changed, and changed back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET

from mirrord.api.reply import Rejected
from mirrord.config import Config
from mirrord.driver import Plugin
from mirrord.errors import ConfigError
from mirrord.runtime.settings import nearest
from mirrord.settings.overlay import Overlay, complaint, layered
from mirrord.settings.overlay_file import Layers, OverlayFile
from mirrord.web.settings.fixed import not_from_here
from mirrord.web.settings.groups import groups
from mirrord.web.settings.masked import has_dots, masked, unmasked
from mirrord.web.settings.values import Values


class NotAccepted(Rejected):
    """Settings that cannot be; `details` has a sentence for each key that is wrong."""

    def __init__(self, details: Mapping[str, str]) -> None:
        said = "; ".join(f"{key}: {sentence}" for key, sentence in details.items())
        super().__init__(said, 400, details)


class Desk:
    """Changes settings one at a time: checked, kept, then taken over by the parts concerned.

    `check` raises ConfigError for settings that no driver understands; `trial` (it may block) says
    by key what the next start could not use; `adopt` brings the running mirror to other settings.
    """

    def __init__(
        self,
        layers: Layers,
        plugins: Mapping[str, Plugin[Any]],
        check: Callable[[Config], object],
        trial: Callable[[Config, Config], dict[str, str]],
        adopt: Callable[[Config], Awaitable[None]],
    ) -> None:
        self._base = layers.base
        self._overlay = layers.overlay
        self._config = self._started = layers.config
        self._notices = layers.notices
        self._file = OverlayFile(layers.base)
        self._check = check
        self._trial = trial
        self._adopt = adopt
        self._turn = asyncio.Lock()
        self._groups = groups(plugins)
        self._fields = {field["key"]: field for one in self._groups for field in one["fields"]}
        self._values = Values(plugins, self._fields)

    def shown(self) -> dict[str, Any]:
        """Return every setting with its value and where that comes from; no secret is among it."""
        late = [key for key, field in self._fields.items() if field.get("restart")]
        waiting = [key for key in late if self._value(key) != self._at_start(key)]
        return {
            "file": self._base.file,
            "groups": [self._group(group) for group in self._groups],
            "history": [_step(step) for step in self._overlay.history],
            "done": self._overlay.done,
            "waiting": waiting,
            "notices": list(self._notices),
        }

    async def change(self, wanted: Mapping[str, Any], reset: Sequence[str] = ()) -> None:
        """Set keys to plain values, and let others go back to what the file says.

        Raises NotAccepted, naming every key that is wrong; nothing has changed then.
        """
        async with self._turn:
            self._known([*wanted, *reset])
            meant = {key: unmasked(key, value, self._value(key)) for key, value in wanted.items()}
            self._refuse_dots(meant)
            asked: dict[str, Any] = meant | dict.fromkeys(reset, UNSET)
            self._refuse_files(asked)
            typed = self._typed(asked)
            await self._become(self._overlay.changed(typed, datetime.now(UTC)))

    async def go_to(self, done: int | None) -> None:
        """Let the first `done` steps of the history hold; None takes back the last one."""
        async with self._turn:
            if done is None and self._overlay.done == 0:
                raise ConfigError("There is nothing to undo.")
            wanted = self._overlay.done - 1 if done is None else done
            await self._become(self._overlay.at_step(wanted))

    async def _become(self, overlay: Overlay) -> None:
        if overlay is self._overlay:
            return
        if said := complaint(self._base, overlay.values, self._check):
            raise ConfigError(said)
        config = layered(self._base, overlay.values)
        if wrong := await asyncio.to_thread(self._trial, self._config, config):
            raise NotAccepted(wrong)
        await asyncio.to_thread(self._file.write, overlay)
        try:
            await self._adopt(config)
        except Exception:
            await asyncio.to_thread(self._file.write, self._overlay)
            await self._adopt(self._config)
            raise
        self._overlay, self._config = overlay, config

    def _known(self, keys: Sequence[str]) -> None:
        for key in keys:
            if key not in self._fields:
                raise NotAccepted({key: f"no such setting{nearest(key, list(self._fields))}"})
        if not keys:
            raise ConfigError('nothing to change: expected {"set": {"camera.fps": 5}}')
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise NotAccepted(dict.fromkeys(twice, "either set or reset, not both"))

    def _refuse_dots(self, meant: Mapping[str, Any]) -> None:
        if dots := [key for key, value in meant.items() if has_dots(value)]:
            raise NotAccepted(dict.fromkeys(dots, "type the whole secret again: it is not shown"))

    def _refuse_files(self, asked: Mapping[str, Any]) -> None:
        present = {key: self._value(key) for key in self._fields}
        files = {key: one["file"] for key, one in self._fields.items() if "file" in one}
        if fixed := not_from_here(asked, present, files):
            raise NotAccepted(fixed)

    def _typed(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values as the settings' types have them; what the file says too is UNSET."""
        values = self._overlay.values | dict(asked)
        values = {key: value for key, value in values.items() if value is not UNSET}
        self._accept(asked, values)
        config = layered(self._base, values)
        return {
            key: UNSET
            if value is UNSET or self._is_the_files(key, config)
            else self._values.of(key, config)
            for key, value in asked.items()
        }

    def _is_the_files(self, key: str, config: Config) -> bool:
        return bool(self._values.of(key, config) == self._values.of(key, self._base))

    def _accept(self, asked: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        said = complaint(self._base, values, self._check)
        if not said:
            return
        present = self._overlay.values
        wrong = {
            key: complaint(self._base, present | {key: value}, self._check)
            for key, value in asked.items()
            if value is not UNSET
        }
        details = {key: _after(key, why) for key, why in wrong.items() if why}
        raise NotAccepted(details or {next(iter(asked)): said})

    def _group(self, group: Mapping[str, Any]) -> dict[str, Any]:
        return {**group, "fields": [self._field(field) for field in group["fields"]]}

    def _field(self, field: Mapping[str, Any]) -> dict[str, Any]:
        key = field["key"]
        on_page, in_file = key in self._overlay.values, key in self._base.stated
        below = self._values.of(key, self._base)
        return {
            **field,
            "value": masked(key, self._value(key)),
            "from": "page" if on_page else "file" if in_file else "default",
            "below": masked(key, below),
        }

    def _value(self, key: str) -> Any:
        return self._values.of(key, self._config)

    def _at_start(self, key: str) -> Any:
        return self._values.of(key, self._started)


def _step(step: Any) -> dict[str, Any]:
    """Return a step for the page; a key that went back to the file's value has no value."""
    changes = []
    for one in step.changes:
        shown = {"key": one.key}
        for name, value in (("before", one.before), ("after", one.after)):
            if value is not UNSET:
                shown[name] = masked(one.key, value)
        changes.append(shown)
    return {"at": step.at.isoformat(), "changes": changes}


def _after(key: str, said: str) -> str:
    """Return a complaint without the key that it begins with."""
    return said.removeprefix(f"{key}: ")
