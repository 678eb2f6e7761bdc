// The live page: one state in, everything shown; one wish out at a time.

import { toLab } from "./colour.js";
import { ask, useHooks, wished } from "./control.js";
import { at, hide, put, set, style } from "./dom.js";
import { follow } from "./live.js";
import { prepareMood, showMood, showMotion } from "./mood.js";
import { announce, hear } from "./news.js";
import { showRoom } from "./room.js";
import { duration, percent, useLocale } from "./units.js";
import { fill, say } from "./words.js";
import { showWorks } from "./works.js";

// Figures that change ten times a second cannot be read.
const WORDS_MS = 400;
const ALERT_MS = 9000;
const JUST_SEEN = 0.012; // a distance in OKLab

let state = null;
let heardAt = 0;
let link = "connecting";
let later;
let wordsAt = -WORDS_MS;
let alertTimer;
let tinted = null;

fill(document);
prepareMood();
prepareControls();
put(at("link"), say("link.connecting"));
useHooks({
  answered(controls) {
    if (!state) return;
    state = { ...state, controls };
    showNow();
  },
  failed(sentence) {
    alarm(sentence);
    showNow();
  },
});
follow(take, connected);
setInterval(showLink, 1000);

function take(next) {
  if (state && state.version !== next.version) {
    location.reload();
    return;
  }
  if (!state) document.body.dataset.ready = "";
  state = next;
  heardAt = performance.now();
  useLocale(state.locale);
  show();
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
  showRoom(state, controls);
  showWorks(state, controls);
  showControls(controls);
  const word = at("word").textContent;
  put(at("name"), state.name);
  document.title = say("page.title", { mood: word, name: state.name });
  hide(at("demo"), !state.demo);
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
  const press = (id, wish) =>
    at(id).addEventListener("click", () => {
      ask(wish(at(id).getAttribute("aria-pressed") !== "true"));
      showNow();
    });
  press("camera", (off) => ({ camera: !off }));
  press("pause", (paused) => ({ room: !paused }));
  press("mute", (muted) => ({ mute: muted }));
  at("brightness-cap").addEventListener("input", (event) => ask({ brightness_cap: Number(event.target.value) }));
  at("volume-cap").addEventListener("input", (event) => ask({ volume_cap: Number(event.target.value) }));
}

function showControls(controls) {
  set(at("camera"), "aria-pressed", String(!controls.camera));
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

function connected(how) {
  if (how === link) return;
  const was = link;
  link = how;
  if (how === "lost" && was === "live") announce(say("link.lost_news"));
  if (how === "live" && was === "lost" && state) announce(say("link.back_news"));
  showLink();
}

function showLink() {
  set(document.body, "data-link", link);
  if (link === "connecting") return;
  if (link === "live") put(at("link"), say("link.live"));
  else if (!state) put(at("link"), say("link.never"));
  else put(at("link"), say("link.lost", { ago: duration((performance.now() - heardAt) / 1000) }));
}

function alarm(sentence) {
  clearTimeout(alertTimer);
  put(at("alert"), sentence);
  hide(at("alert"), false);
  alertTimer = setTimeout(() => hide(at("alert"), true), ALERT_MS);
}
