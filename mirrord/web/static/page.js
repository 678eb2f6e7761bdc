// The live page: one state in, everything shown; one wish out at a time.

import { toLab } from "./colour.js";
import { ask, wished } from "./control.js";
import { prepareCorrect, showCorrect } from "./correct.js";
import { at, make, put, set, style } from "./dom.js";
import { prepareModes, showModes } from "./modes.js";
import { prepareMood, showMood, showMotion } from "./mood.js";
import { hear } from "./news.js";
import { showRoom } from "./room.js";
import { openShell } from "./shell.js";
import { percent } from "./units.js";
import { say } from "./words.js";
import { prepareWhy, showWhy } from "./why.js";
import { showWorks } from "./works.js";

// Figures that change ten times a second cannot be read.
const WORDS_MS = 400;
const JUST_SEEN = 0.012; // a distance in OKLab

let state = null;
let later;
let wordsAt = -WORDS_MS;
let tinted = null;

openShell({ onState: take, onChange: answer });
prepareMood();
prepareControls();
prepareModes();
prepareCorrect();
prepareWhy();

function take(next) {
  state = next;
  show();
}

/** A person asked for something: that shows at once. */
function answer(next) {
  state = next;
  showNow();
}

function show() {
  showMotion(state, wished(state.controls));
  clearTimeout(later);
  const wait = wordsAt + WORDS_MS - performance.now();
  if (wait <= 0) showNow();
  else later = setTimeout(showNow, wait);
}

function showNow() {
  if (!state) return;
  wordsAt = performance.now();
  const controls = wished(state.controls);
  showMotion(state, controls);
  showMood(state, controls);
  showWhy(state);
  showCorrect(state);
  showModes(state, controls);
  showRoom(state, controls);
  showWorks(state, controls);
  showControls(controls);
  const word = at("word").textContent;
  document.title = say("page.title", { mood: word, name: state.name });
  tint(state.environment?.lighting_color ?? "#FFD9A8");
  set(document.body, "data-rest", state.mood.source === "rest" && !controls.hand ? "yes" : "no");
  hear(state, word);
}

/** Tint the page with the room's light; it is all drawn anew then, so only where the eye can tell. */
function tint(colour) {
  const lab = toLab(colour);
  if (tinted && Math.hypot(...lab.map((one, axis) => one - tinted[axis])) < JUST_SEEN) return;
  tinted = lab;
  style(document.documentElement, "--glow", colour);
}

function prepareControls() {
  addSwitch("pause", (paused) => ({ room: !paused }));
  addSwitch("mute", (muted) => ({ mute: muted }));
  at("brightness-cap").addEventListener("input", (event) => ask({ brightness_cap: Number(event.target.value) }));
  at("volume-cap").addEventListener("input", (event) => ask({ volume_cap: Number(event.target.value) }));
}

/** Put a switch beside the camera's. */
function addSwitch(id, wish) {
  const button = make("button", "switch", say(`controls.${id}`));
  Object.assign(button, { id, type: "button" });
  set(button, "aria-pressed", "false");
  set(button, "data-needs", "control");
  button.addEventListener("click", () => {
    ask(wish(button.getAttribute("aria-pressed") !== "true"));
    showNow();
  });
  at("switches").append(button);
}

function showControls(controls) {
  set(at("pause"), "aria-pressed", String(!controls.room));
  set(at("mute"), "aria-pressed", String(controls.mute));
  showCap("brightness", controls.brightness_cap, 1);
  showCap("volume", controls.volume_cap, 0.3);
}

function showCap(name, value, most) {
  const input = at(`${name}-cap`);
  if (Number(input.value) !== value) input.value = value;
  style(input, "--value", (value / most).toFixed(3));
  set(input, "aria-valuetext", percent(value));
  put(at(`${name}-said`), percent(value));
}
