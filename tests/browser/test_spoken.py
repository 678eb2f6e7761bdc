"""What servers say stands on the pages in the reader's language, whole and with its gaps filled."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from mirrord.pages.catalogue import COMMON, load
from tests.browser.conftest import Look, Past

pytestmark = pytest.mark.asyncio(loop_scope="session")
SPOKEN = """
async (sentences) => {
  const { spoken } = await import('/static/spoken.js');
  return sentences.map(spoken);
}
"""

SAY = "async ([key, values]) => (await import('/static/words.js')).say(key, values)"

AS_THEY_COME = {
    # Behind the key of a setting.
    "camera.fps: expected a whole number from 1 to 30, not 99": (
        "camera.fps: erwartet wird eine ganze Zahl von 1 bis 30, nicht 99"
    ),
    # Several of those.
    "web.host: expected text, not 3; camera.fps: no such setting; did you mean fps?": (
        "web.host: erwartet wird Text, nicht 3; "
        "camera.fps: diese Einstellung gibt es nicht; meintest du fps?"
    ),
    # A driver that is not installed any more.
    "changed on the page, but left out: drivers.lmap: no such driver; installed are hue, audio": (
        "auf der Seite geändert, aber weggelassen: "
        "drivers.lmap: diesen Treiber gibt es nicht; installiert sind hue, audio"
    ),
    # What fills the gaps has entries of its own.
    "Sound: the Hue bridge at 10.0.0.2 cannot be reached: No route to host.": (
        "Klang: die Hue-Bridge unter 10.0.0.2 ist nicht erreichbar: kein Weg dorthin."
    ),
    # With a capital and a full stop.
    "The disk that holds /var/lib/mirrord/mirror.db is full.": (
        "Die Platte, auf der /var/lib/mirrord/mirror.db liegt, ist voll."
    ),
    # Two sentences.
    "Unlinked from https://mood.example.org. It has erased 3 sessions with 9 stretches.": (
        "Nicht mehr verbunden mit https://mood.example.org. "
        "3 Sitzungen mit 9 Abschnitten sind dort gelöscht."
    ),
    "what no catalogue has: 3": "what no catalogue has: 3",
}


def filled(text: object) -> str:
    """Return a sentence with every gap filled."""
    return re.sub(r"\{(\w+)\}", lambda gap: f"«{gap[1]}»", str(text))


async def test_every_sentence_is_said_in_german_with_what_fills_its_gaps(look: Look) -> None:
    sentences = load(COMMON).sentences("de")
    page = await look.open("", locale="de-DE")
    said = await page.evaluate(SPOKEN, [filled(one) for one in sentences])
    wrong = [
        (english, found)
        for (english, german), found in zip(sentences.items(), said, strict=True)
        if found.rstrip(".") != filled(german).rstrip(".")
    ]
    assert wrong == []
    english = await look.open("", locale="en-GB")
    assert await english.evaluate(SPOKEN, ["Sign in first."]) == ["Sign in first."]


async def test_sentences_are_put_together_as_they_come(look: Look) -> None:
    page = await look.open("", locale="de-DE")
    said = await page.evaluate(SPOKEN, list(AS_THEY_COME))
    assert dict(zip(AS_THEY_COME, said, strict=True)) == AS_THEY_COME


async def test_what_is_wrong_with_the_mirror_is_told_in_german(look: Look) -> None:
    page = await look.open("", locale="de-DE")
    driver = look.mirror.state()["drivers"][0]
    error = "the Hue bridge at 10.0.0.2 does not answer"
    said = f"{driver['title']}: {error}."
    await look.mirror.change(
        drivers=[driver | {"state": "unavailable", "error": error}],
        health={"state": "red", "troubles": [{"part": "hue", "level": "red", "said": said}]},
        store={
            "state": "paused",
            "detail": "the disk that holds /x is full",
            "bytes": 1,
            "readings": 1,
        },
    )
    german = "die Hue-Bridge unter 10.0.0.2 antwortet nicht"
    await expect(page.locator("#troubles li")).to_have_text(f"Philips Hue: {german}.")
    await expect(page.locator(".driver .error")).to_have_text(
        "Die Hue-Bridge unter 10.0.0.2 antwortet nicht."
    )
    await expect(page.locator("#facts")).to_contain_text(
        "angehalten. Die Platte, auf der /x liegt, ist voll. "
    )


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("de-DE", "Zuerst „mirrord pair hue“ eingeben."),
        ("en-GB", "Zuerst “mirrord pair hue” eingeben."),
    ],
)
async def test_what_is_to_be_typed_stands_in_quotation_marks(
    look: Look, locale: str, said: str
) -> None:
    page = await look.open("", locale=locale)
    error = "Zuerst `mirrord pair hue` eingeben"
    driver = look.mirror.state()["drivers"][0]
    await look.mirror.change(drivers=[driver | {"state": "refused", "error": error}])
    await expect(page.locator(".driver[data-state=refused] .error")).to_have_text(said)


async def test_a_refusal_is_told_in_german(look: Look) -> None:
    page = await look.open("", locale="de-DE")
    look.mirror.refuse = "control: at most 16 devices"
    await page.locator("#camera").click()
    await expect(page.locator("#alert")).to_have_text("Höchstens 16 Geräte.")
    look.complaints.clear()  # the console names the refused request


async def test_the_sync_speaks_german_on_the_privacy_page(past: Past) -> None:
    page = await past.open("privacy", locale="de-DE")
    await page.locator("#address").fill("http://mood.example.org")
    await page.locator("#agreed").check()
    await page.locator("#begin").click()
    await expect(page.locator("#link-trouble")).to_contain_text("könnten unterwegs alle mitlesen")
    past.complaints.clear()  # the console names the refused request


async def test_a_unit_that_ends_in_a_dot_ends_the_sentence(past: Past) -> None:
    page = await past.open("history", locale="de-DE")
    said = await page.evaluate(SAY, ["session.calm", {"length": "2 Sek.", "from": "9 Std."}])
    assert said.endswith("dauerte 2 Sek., ab 9 Std.")
