// Newer versions: which one is there, and how to install it. The page installs nothing.

import { at, hide, keep, make, put, set } from "../dom.js";
import { longDay, moment } from "../units.js";
import { say } from "../words.js";

/** Return what is shown of newer versions among the settings; `show` also says it above them all. */
export function updatesNews() {
  const status = make("p", "status");
  const notes = make("p", "update-notes");
  const how = make("h3", "", say("updates.how"));
  const ways = make("ul", "ways");
  const never = make("p", "help", say("updates.never"));
  const install = make("div", "install", notes, how, ways, never);
  const trouble = make("p", "help update-said");
  const element = make("div", "updates", status, install, trouble);

  function show(updates) {
    const newer = updates.state === "newer";
    set(status, "data-state", updates.state === "current" ? "ready" : updates.state);
    put(status, sentence(updates));
    hide(install, !newer);
    put(notes, updates.notes);
    hide(notes, !updates.notes);
    const found = updates.ways.length ? updates.ways : [{ by: "none", command: "" }];
    keep(ways, found, ({ by, command }) => by + command, way, () => {});
    put(trouble, updates.said ? say("updates.said", { said: updates.said, when: moment(1000 * updates.again_at) }) : "");
    hide(trouble, !updates.said);
    above(newer ? updates.latest : "");
  }

  return { element, show };
}

function sentence(updates) {
  if (updates.state === "newer") return say("updates.newer", { ...updates, date: longDay(`${updates.date}T12:00`) });
  if (updates.state === "current") return say("updates.current", { ...updates, when: moment(1000 * updates.asked_at) });
  return say(`updates.${updates.state}`, updates);
}

function way({ by, command }) {
  if (!command) return make("li", "", say("updates.no_file"));
  return make("li", "", make("span", "by", say(`updates.by.${by}`)), make("code", "", command));
}

/** The settings are many: a newer version is also said where everybody looks first. */
function above(version) {
  const line = at("newer");
  hide(line, !version);
  if (!version || line.dataset.version === version) return;
  line.dataset.version = version;
  const link = make("a", "plain", say("updates.how"));
  link.href = "#updates";
  line.replaceChildren(make("span", "", say("updates.there", { version })), link);
}
