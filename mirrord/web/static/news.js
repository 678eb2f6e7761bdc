// What is spoken to those who listen to the page: seldom, and only what matters.

import { at, put } from "./dom.js";
import { say } from "./words.js";

const MOOD_EVERY_MS = 20_000;
const MOOD_STEADY_MS = 3000;

let before = null;
let mood = { word: null, since: 0, saidAt: 0, said: null };

export function announce(text) {
  put(at("news"), text);
}

/** Speak of what changed since the last state. */
export function hear(state, word) {
  const now = performance.now();
  const drivers = new Map(state.drivers.map((driver) => [driver.name, driver.state]));
  if (before) {
    if (before.camera !== state.camera.state) announce(say("camera.news", { state: say(`camera.${state.camera.state}`) }));
    for (const { name, title, state: how } of state.drivers) {
      if (before.drivers.get(name) !== how && ["unavailable", "refused"].includes(how)) {
        announce(say("driver.news", { title, state: say(`driver.${how}`) }));
      }
    }
  }
  before = { camera: state.camera.state, drivers };
  hearMood(word, now);
}

function hearMood(word, now) {
  if (mood.word !== word) Object.assign(mood, { word, since: now });
  const steady = now - mood.since > MOOD_STEADY_MS && now - mood.saidAt > MOOD_EVERY_MS;
  if (!steady || mood.said === word) return;
  if (mood.said !== null) announce(say("mood.news", { mood: word }));
  Object.assign(mood, { said: word, saidAt: now });
}
