// What may answer: each driver with its switch, what it finds, and its pairing.

import { at, keep, make, put, set } from "../dom.js";
import { change, load } from "../settings/desk.js";
import { finder } from "../settings/devices.js";
import { pairer } from "../settings/pairing.js";
import { aboutOf, titleOf } from "../settings/titles.js";
import { known, say } from "../words.js";

/** Return the step; `see(state)` hears the mirror. */
export function devicesStep() {
  const finders = [];
  let groups = [];
  let live = null;

  async function show() {
    try {
      groups = (await load()).groups.filter((group) => group.driver);
      // What has to be told more before it works is set up under Settings.
      const simple = groups.filter((group) => group.finds || group.pairs);
      keep(at("drivers"), simple, (group) => group.driver, section, showSwitch);
      put(at("devices-trouble"), "");
      if (live) see(live);
    } catch (error) {
      put(at("devices-trouble"), error.message);
    }
  }

  function section(group) {
    const title = make("h2", "", titleOf(group));
    const toggle = make("button", "flip", make("i"));
    toggle.type = "button";
    set(toggle, "role", "switch");
    set(toggle, "aria-label", titleOf(group));
    toggle.addEventListener("click", () => use({ [`drivers.${group.driver}.enabled`]: toggle.getAttribute("aria-checked") !== "true" }));
    const parts = [make("div", "driver-head", title, toggle), make("p", "help", aboutOf(group)), make("p", "status")];
    if (group.finds) parts.push(search(group));
    if (group.pairs) parts.push(pairer(group.driver).element);
    return make("section", "driver", ...parts);
  }

  function search({ driver }) {
    const one = finder(driver, { onUse: (settings) => use({ ...settings, [`drivers.${driver}.enabled`]: true }), isUsed });
    finders.push(one);
    return one.element;
  }

  function showSwitch(element, group) {
    const on = group.fields.find((field) => field.name === "enabled").value;
    set(element.querySelector(".flip"), "aria-checked", String(on));
  }

  const isUsed = (settings) => Object.entries(settings).every(([key, value]) => valueOf(key) === value);
  const valueOf = (key) => groups.flatMap((group) => group.fields).find((field) => field.key === key)?.value;

  async function use(settings) {
    try {
      await change(settings);
      await show();
      for (const one of finders) one.show();
    } catch (error) {
      put(at("devices-trouble"), error.message);
    }
  }

  function see(state) {
    live = state;
    if (document.body.dataset.at !== "devices") return;
    for (const { name, state: how, error } of state.drivers) {
      const line = [...at("drivers").children].find((one) => one.dataset.key === name)?.querySelector(".status");
      if (!line) continue;
      line.dataset.state = how;
      put(line, [known(`driver.${how}`) ? say(`driver.${how}`) : how, error].filter(Boolean).join(": "));
    }
  }

  return { show, see };
}
