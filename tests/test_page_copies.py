"""What the pages repeat of the mirror, to have it before the first state, is the same."""

from __future__ import annotations

import json
import re

from mirrord.mood import CENTRES
from mirrord.response import COLOURS
from mirrord.web.reply import FILES


def table(script: str, name: str) -> dict[str, object]:
    """Return an object literal of a script."""
    text = (FILES[script]).read_text(encoding="utf-8")
    found = re.search(rf"\b{name} = (\{{.*?\}});", text, re.DOTALL)
    assert found, f"{script} has no {name}"
    parsed: dict[str, object] = json.loads(re.sub(r"(\w+):", r'"\1":', found[1]))
    return parsed


def test_the_pages_moods_have_the_colours_of_the_lamps():
    assert table("colour.js", "MOOD_COLOURS") == COLOURS
    style = (FILES["base.css"]).read_text(encoding="utf-8")
    assert {name: re.search(rf"--{name}: (#\w+);", style)[1] for name in COLOURS} == COLOURS


def test_a_hand_on_the_page_means_the_same_places():
    assert table("hand.js", "CENTRES") == {name: list(place) for name, place in CENTRES.items()}
