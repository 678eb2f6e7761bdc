// The mirror view: the mood as a moving picture, and nothing else.

import { prepareCard, showCard } from "./card.js";
import { at, hide as hideIt, put, set } from "./dom.js";
import { follow } from "./live.js";
import { Picture } from "./picture.js";
import { useLocale } from "./units.js";
import { fill, say } from "./words.js";

const SPEAK_MS = 6000;
const AWAKE_MS = 3000;
const ADDRESS_MS = 60_000; // nothing stays on the glass for long

const picture = new Picture(at("glass"));
let version;
let said = null;
let speaking;
let awake;
let addressShown;

fill(document);
prepareCard();
follow(take, (link) => picture.trust(link === "live"));
for (const kind of ["pointermove", "pointerdown", "keydown"]) addEventListener(kind, wake);
addEventListener("keydown", (event) => {
  if (event.key === "f" && !event.ctrlKey && !event.metaKey) toggleFull();
});
at("full").addEventListener("click", toggleFull);
at("where").addEventListener("click", () => showAddress(at("card").hidden));
hide();
stayLit();
document.addEventListener("visibilitychange", stayLit);

function hide() {
  if (!document.fullscreenEnabled) at("full").remove();
}

function take(state) {
  if (version && version !== state.version) location.reload();
  version = state.version;
  useLocale(state.locale);
  put(at("name"), state.name);
  picture.show(state);
  const word = describe(state);
  if (word !== said) speak(word);
}

function describe(state) {
  if (!state.controls.camera && !state.controls.hand) return say("ambient.camera_off");
  return state.environment?.present ? say(`mood.${state.mood.dominant_emotion}`) : "";
}

function speak(word) {
  said = word;
  put(at("said"), word);
  set(at("glass"), "aria-label", `${say("ambient.label")}: ${word || say("mood.rest")}`);
  document.title = word ? `${word} · ${at("name").textContent}` : at("name").textContent;
  document.body.dataset.speaking = "";
  clearTimeout(speaking);
  speaking = setTimeout(() => delete document.body.dataset.speaking, SPEAK_MS);
}

function wake() {
  document.body.dataset.awake = "";
  clearTimeout(awake);
  awake = setTimeout(() => delete document.body.dataset.awake, AWAKE_MS);
}

/** Show where the page is, for a minute, or hide it again. */
async function showAddress(shown) {
  clearTimeout(addressShown);
  const told = shown && (await showCard());
  if (told) put(at("how"), say(told.address ? "card.scan" : "card.here"));
  hideIt(at("card"), !told);
  set(at("where"), "aria-expanded", String(Boolean(told)));
  put(at("where"), say(told ? "card.hide" : "card.show"));
  if (told) addressShown = setTimeout(() => showAddress(false), ADDRESS_MS);
}

function toggleFull() {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  change.catch(() => {}); // the browser may refuse; the picture fills the window all the same
}

async function stayLit() {
  if (document.hidden || !navigator.wakeLock) return;
  try {
    await navigator.wakeLock.request("screen");
  } catch {
    // low battery, or no secure context: the screen may sleep
  }
}
