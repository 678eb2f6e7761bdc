// The mood in words, the four moods as sliders, the seven expressions, the hand on the mirror.

import { ask } from "./control.js";
import { at, hide, keep, make, put, set, style } from "./dom.js";
import { moodsAt } from "./hand.js";
import { Plane, within } from "./plane.js";
import { percent, signed } from "./units.js";
import { known, say } from "./words.js";

const MOODS = ["joy", "energy", "calm", "melancholy"];
const EXPRESSIONS = ["happy", "surprise", "neutral", "sad", "fear", "angry", "disgust"];
const NOTHING = { joy: 0, calm: 0, energy: 0, melancholy: 0 };
const KEY_STEP = 0.05;

const plane = new Plane(at("field"));
const handle = at("handle");
let now = { ...NOTHING, valence: 0, arousal: 0 };
let byHand = false;
let dragged = false;

/** Make the sliders and take the light in the mirror by the hand. */
export function prepareMood() {
  for (const name of MOODS) at("moods").append(makeSlider(name));
  at("back").addEventListener("click", () => {
    ask({ hand: null });
    at("moods").querySelector("input").focus({ preventScroll: true });
  });
  plane.moved = ([x, y]) => {
    style(handle, "--x", x.toFixed(3));
    style(handle, "--y", y.toFixed(3));
  };
  at("plane").addEventListener("pointerdown", grab);
  handle.addEventListener("keydown", nudge);
}

function makeSlider(name) {
  const input = make("input");
  Object.assign(input, { type: "range", min: 0, max: 1, step: 0.01, id: `mood-${name}` });
  input.addEventListener("input", () => {
    const hand = Object.fromEntries(MOODS.map((one) => [one, Math.round(100 * now[one]) / 100]));
    now[name] = hand[name] = Number(input.value);
    ask({ hand });
  });
  const label = make("label", "", say(`mood.${name}`));
  label.htmlFor = input.id;
  const output = make("output");
  output.htmlFor = input.id;
  return make("div", `row ${name}`, label, input, output);
}

function grab(event) {
  const touch = event.pointerType === "touch";
  if (event.button !== 0 || (touch && event.target !== handle)) return;
  if (!onGlass(event)) return;
  event.preventDefault();
  dragged = true;
  const follow = (moving) => moveTo(...placeOf(moving));
  const stop = () => {
    dragged = false;
    removeEventListener("pointermove", follow);
    removeEventListener("pointerup", stop);
    removeEventListener("pointercancel", stop);
  };
  addEventListener("pointermove", follow);
  addEventListener("pointerup", stop);
  addEventListener("pointercancel", stop);
  follow(event);
}

const onGlass = (event) => event.target === handle || Math.hypot(...placeOf(event)) <= 1;

function placeOf(event) {
  const box = at("field").getBoundingClientRect();
  const radius = box.width / 2 - 20;
  return [(event.clientX - box.left - box.width / 2) / radius, (box.top + box.height / 2 - event.clientY) / radius];
}

function moveTo(x, y) {
  const [valence, arousal] = within(x, y);
  now = { ...now, ...moodsAt(valence, arousal), valence, arousal };
  ask({ hand: moodsAt(valence, arousal) });
  light(now, { confidence: 1, sure: true, lit: 1 });
  describe();
}

function nudge(event) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (!step) return;
  event.preventDefault();
  moveTo(now.valence + KEY_STEP * step[0], now.arousal + KEY_STEP * step[1]);
}

function describe() {
  set(handle, "aria-valuenow", now.valence.toFixed(2));
  set(handle, "aria-valuetext", say("plane.value", { valence: signed(now.valence), arousal: signed(now.arousal) }));
}

function light(mood, { confidence, sure, lit }) {
  const strength = Math.min(1, Math.hypot(mood.valence, mood.arousal));
  plane.show({ valence: mood.valence, arousal: mood.arousal, strength, confidence, sure, lit });
}

/** What moves with every state. */
export function showMotion(state, controls) {
  const { mood } = state;
  byHand = controls.hand !== null;
  if (dragged) return;
  const asleep = mood.source === "rest" && !byHand;
  now = { ...mood, ...(asleep ? NOTHING : controls.hand) };
  light(mood, {
    confidence: byHand ? 1 : mood.confidence,
    sure: byHand || mood.expression !== "unsure",
    lit: asleep ? 0 : 1,
  });
  for (const name of MOODS) {
    const input = at(`mood-${name}`);
    // A slider that holds the focus keeps still while the camera moves the rest: no chatter.
    if (document.activeElement !== input || byHand) input.value = now[name];
    style(input.parentElement, "--value", now[name].toFixed(3));
  }
  if (document.activeElement !== handle || byHand) describe();
}

/** How many letters of a usual width a word is as wide as. */
const lettersOf = (word) => [...word].reduce((sum, letter) => sum + (/[mw]/i.test(letter) ? 1.8 : 1), 0);

/** What is read: words and figures. */
export function showMood(state, controls) {
  const { mood } = state;
  const asleep = mood.source === "rest" && !byHand;
  const word = say(asleep ? "mood.rest" : `mood.${mood.dominant_emotion}`);
  put(at("word"), word);
  style(at("word"), "--letters", Math.max(3, lettersOf(word)));
  put(at("source"), say(`mood.source.${byHand ? "hand" : sourceOf(state, controls)}`));
  put(at("seen"), sentence(state, controls));
  put(at("back"), say(controls.camera ? "mood.back" : "mood.back_off"));
  hide(at("back"), !byHand);
  hide(at("hand-hint"), byHand);
  set(at("moods"), "data-by", byHand ? "hand" : "camera");
  for (const name of MOODS) put(at(`mood-${name}`).nextSibling, asleep ? "–" : percent(now[name]));
  showExpressions(state.expressions, mood.expression);
}

/** Where the mood comes from, and whether the mode makes another of it. */
function sourceOf({ mood, mode, why }, controls) {
  const does = controls.mode ?? mode;
  const other = does === "guide" || (does === "counter" && why?.reason === "counter");
  return mood.source === "camera" && other ? does : mood.source;
}

function sentence(state, controls) {
  if (byHand) return say("seen.hand");
  if (!controls.camera) return say("seen.camera_off");
  const trouble = `seen.camera_${state.camera.state}`;
  if (known(trouble)) return say(trouble);
  if (!state.mood.present) return say("seen.nobody");
  return [judgement(state), people(state.mood.people)].filter(Boolean).join(" ");
}

function judgement({ faces, mood }) {
  const poor = faces.length > 0 && faces.every((face) => face.quality !== "good") && faces[0].quality;
  if (poor) return say(`seen.${poor}`);
  if (mood.expression === "unsure") return say("seen.unsure");
  return say("seen.sure", {
    expression: say(`expression.${mood.expression}`),
    confidence: percent(mood.confidence),
  });
}

const people = (count) => (count > 1 ? say("seen.people", { count }) : "");

function showExpressions(shares, leading) {
  keep(
    at("expressions"),
    EXPRESSIONS,
    (name) => name,
    (name) => make("li", "", make("i"), make("span", "name", say(`expression.${name}`)), make("span", "hidden")),
    (item, name) => {
      const share = shares?.[name] ?? 0;
      style(item, "--share", share.toFixed(3));
      item.classList.toggle("leading", Boolean(shares) && name === leading);
      put(item.lastChild, ` ${percent(share)}`);
    },
  );
}
