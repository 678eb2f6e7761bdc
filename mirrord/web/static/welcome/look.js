// A first look: the light in the round mirror, and the room that answers.

import { at, make, put } from "../dom.js";
import { Plane } from "../plane.js";
import { get } from "../rest.js";
import { say } from "../words.js";

/** Return the step; `see(state)` hears the mirror. */
export function lookStep() {
  const plane = new Plane(at("field"));

  async function show() {
    const told = await get("/notice/facts").catch(() => null);
    const address = told?.address || location.origin;
    at("address").replaceChildren(make("code", "", address));
  }

  function see(state) {
    if (document.body.dataset.at !== "look") return;
    const { mood } = state;
    const asleep = mood.source === "rest";
    const strength = Math.min(1, Math.hypot(mood.valence, mood.arousal));
    plane.show({
      valence: asleep ? 0 : mood.valence,
      arousal: asleep ? 0 : mood.arousal,
      strength,
      confidence: mood.confidence,
      sure: mood.expression !== "unsure",
      lit: asleep ? 0 : 1,
    });
    put(at("word"), say(asleep ? "mood.rest" : `mood.${mood.dominant_emotion}`));
    put(at("room-says"), say(`look.${answer(state, asleep)}`));
  }

  return { show, see };
}

function answer(state, asleep) {
  if (state.consent?.allows === false) return "waits";
  if (!state.controls.camera) return "off";
  if (state.camera.state !== "open") return "no_camera";
  if (asleep) return "nobody";
  return state.drivers.some((driver) => driver.state === "ready") ? "answers" : "no_devices";
}
