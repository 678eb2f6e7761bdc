// Finding what is around, and taking it with one tap.

import { make, put, set } from "../dom.js";
import { known, say } from "../words.js";
import { announce } from "../news.js";
import { devices } from "./desk.js";

const EVERY_MS = 700;

/**
 * Return a block for a group (the camera's, a driver's) that looks around and lists what is there.
 * `onUse(settings)` hears which settings would use it; `isUsed(settings)` tells whether they hold.
 */
export function finder(name, { onUse, isUsed }) {
  const look = make("button", "plain", say(known(`devices.look.${name}`) ? `devices.look.${name}` : "devices.look"));
  look.type = "button";
  const said = make("p", "said");
  const list = make("ul", "found");
  const element = make("div", "finder", make("div", "buttons", look, said), list);
  let places = null;

  look.addEventListener("click", async () => {
    look.disabled = true;
    put(said, say("devices.looking"));
    try {
      places = await looked();
      show();
      announce(said.textContent);
    } catch (error) {
      put(said, error.message);
    }
    look.disabled = false;
  });

  async function looked() {
    let answer = await devices(true);
    while (answer.looking) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      answer = await devices(false);
    }
    return answer;
  }

  function show() {
    if (!places) return;
    const place = places.places.find((one) => one.name === name);
    const found = place?.found ?? [];
    const trouble = places.trouble || place?.trouble;
    put(said, trouble || (found.length ? say("devices.found", { count: found.length }) : say(`devices.none.${name === "camera" ? "camera" : "driver"}`)));
    list.replaceChildren(...found.map(line));
  }

  function line(one) {
    const item = make("li", "", make("span", "", one.line));
    if (!Object.keys(one.settings).length) return item;
    const used = isUsed(one.settings);
    const use = make("button", "plain", say(used ? "devices.used" : "devices.use"));
    use.type = "button";
    use.disabled = used;
    set(use, "aria-label", say(used ? "devices.used_name" : "devices.use_name", { name: one.line }));
    use.addEventListener("click", () => onUse(one.settings));
    item.append(use);
    return item;
  }

  return { element, show };
}
