// Aiming the camera, by boxes on an empty canvas; finding one if there is none.

import { at, hide } from "../dom.js";
import { ask } from "../control.js";
import { change, load } from "../settings/desk.js";
import { finder } from "../settings/devices.js";
import { framing } from "../settings/framing.js";

/** Return the step; `see(state)` hears the mirror. */
export function cameraStep() {
  const aid = framing("h2");
  let fields = {};
  let asked = false;
  const search = finder("camera", {
    onUse: async (settings) => {
      await change(settings);
      fields = { ...fields, ...settings };
      search.show();
    },
    isUsed: (settings) => Object.entries(settings).every(([key, value]) => fields[key] === value),
  });
  at("aid").append(aid.element);
  at("camera-finder").append(search.element);

  async function show() {
    asked = false;
    const answer = await load().catch(() => null);
    const all = answer?.groups.flatMap((group) => group.fields) ?? [];
    fields = Object.fromEntries(all.map((field) => [field.key, field.value]));
  }

  function see(state) {
    const allowed = state.consent?.allows !== false;
    hide(at("camera-waits"), allowed);
    hide(at("aid"), !allowed);
    hide(at("camera-finder"), state.camera.state === "open");
    if (document.body.dataset.at !== "camera") return;
    aid.show(state);
    // Who aims the camera wants it on; once, so that it can be switched off here.
    if (allowed && !state.controls.camera && !asked) ask({ camera: true });
    asked = true;
  }

  return { show, see };
}
