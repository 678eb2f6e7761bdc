// The camera goes off for whoever wants that, without a password.

import { make, put, set } from "./dom.js";
import { icon, path } from "./shell.js";
import { say } from "./words.js";

/** Return the button; `said` is where its answer stands. */
export function cameraSwitch(said) {
  const lens = icon("lens");
  lens.append(path("slash"));
  const button = make("button", "switch", lens, make("span", "", say("controls.camera_off")));
  button.type = "button";
  button.addEventListener("click", async () => {
    put(said, await switchOff() ? say("off.done") : say("wrong.no_answer"));
    set(button, "data-done", "yes");
  });
  return button;
}

async function switchOff() {
  try {
    const response = await fetch("/control", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ camera: false }),
      signal: AbortSignal.timeout(10_000),
    });
    return response.ok;
  } catch {
    return false;
  }
}
