// What a mood would do to the room: asked of the mirror, shown, and applied only on a word.

import { ask } from "../control.js";
import { at, hide, keep, make, put, set, style } from "../dom.js";
import { get } from "../rest.js";
import { hertz, note, number, percent, temperature } from "../units.js";
import { say } from "../words.js";

const MOODS = ["joy", "calm", "energy", "melancholy"];
let chosen = "calm";
let asked = 0;

export function preparePreview() {
  for (const name of MOODS) at("preview-moods").append(choice(name));
  at("strength").addEventListener("input", foresee);
  at("apply").addEventListener("click", () => ask({ hand: hand() }));
  at("unapply").addEventListener("click", () => ask({ hand: null }));
  foresee();
}

function choice(name) {
  const input = make("input");
  Object.assign(input, { type: "radio", name: "preview", value: name, checked: name === chosen });
  input.addEventListener("change", () => {
    chosen = name;
    foresee();
  });
  return make("label", `mood ${name}`, input, make("span", "", say(`mood.${name}`)));
}

function hand() {
  const strength = Number(at("strength").value);
  return Object.fromEntries(MOODS.map((name) => [name, name === chosen ? strength : 0]));
}

async function foresee() {
  const turn = ++asked;
  put(at("strength-said"), percent(Number(at("strength").value)));
  try {
    const room = await get("/emotions/api/preview/", hand());
    if (turn === asked) show(room);
    hide(at("preview-trouble"), true);
  } catch (error) {
    put(at("preview-trouble"), error.message);
    hide(at("preview-trouble"), false);
  }
}

function show(room) {
  const scene = at("scene");
  style(scene, "--colour", room.lighting_color);
  style(scene, "--ground", room.background_color);
  style(scene, "--lit", room.lighting_intensity.toFixed(3));
  const figures = [
    ["light", percent(room.lighting_intensity)],
    ["sound", say(`sound.${room.audio_tone}`)],
    ["pitch", say("preview.pitch_is", {
      note: note(room.audio_frequency_hz), frequency: hertz(room.audio_frequency_hz), tempo: number(room.audio_tempo_bpm),
    })],
    ["warmth", temperature(room.temperature_c)],
    ["picture", say(`pattern.${room.visual_pattern}`)],
  ];
  keep(at("foreseen"), figures, ([key]) => key, ([key]) => make("div", "", make("dt", "", say(`preview.${key}`)), make("dd")), (item, [, text]) => put(item.lastChild, text));
}

/** Which of both buttons makes sense now. */
export function showPreview(controls) {
  hide(at("unapply"), controls.hand === null);
  set(at("apply"), "aria-pressed", String(controls.hand !== null));
}
