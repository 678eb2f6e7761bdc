"""What a driver remembers beyond a crash."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any


class Memory(MutableMapping[str, Any]):
    """JSON-able values, saved whenever they change.

    Reading gives a copy: to change a value, assign it anew. Any thread may read and write; `save`
    is called on the loop that `attach` named, once for all the changes of a turn.
    """

    def __init__(self, values: Mapping[str, Any], save: Callable[[dict[str, Any]], None]) -> None:
        self._texts = {key: json.dumps(value) for key, value in values.items()}
        self._save = save
        self._lock = threading.Lock()
        self._dirty = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Save on this loop from now on."""
        self._loop = loop

    def flush(self) -> None:
        """Save now if anything changed. Call it on the loop."""
        with self._lock:
            dirty, self._dirty = self._dirty, False
            values = {key: json.loads(text) for key, text in self._texts.items()}
        if dirty:
            self._save(values)

    def __getitem__(self, key: str) -> Any:
        with self._lock:
            text = self._texts[key]
        return json.loads(text)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError("a key of host.memory is a string")
        try:
            text = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise TypeError(f"host.memory[{key!r}] has to be JSON-able: {error}") from None
        with self._lock:
            if self._texts.get(key) == text:
                return
            self._texts[key] = text
        self._changed()

    def __delitem__(self, key: str) -> None:
        with self._lock:
            del self._texts[key]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._texts))

    def __len__(self) -> int:
        return len(self._texts)

    def _changed(self) -> None:
        with self._lock:
            already, self._dirty = self._dirty, True
        if already or self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(self.flush)
        except RuntimeError:  # a thread that outlived the loop: nobody is left to save
            return
