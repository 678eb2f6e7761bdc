// The Privacy page: what is kept, what never is, when the camera was on; taking it along, deleting it.

import { at, hide, keep, make, put } from "./dom.js";
import { collectiveFor, look, prepareCollective } from "./privacy/collective.js";
import { prepareConsent } from "./privacy/consent.js";
import { prepareExport } from "./privacy/export.js";
import { prepareForget } from "./privacy/forget.js";
import { prepareLog } from "./privacy/log.js";
import { get } from "./rest.js";
import { entitle, openShell } from "./shell.js";
import { sentence } from "./spoken.js";
import { longDay, megabytes, number } from "./units.js";
import { known, pages, say } from "./words.js";

let cameraNow = null;
let hubNow = null;
let updatesNow = null;
let place = "";

entitle(say("privacy.title"));
openShell({ onState: follow });
prepareExport();
prepareForget(refresh);
prepareCollective((linked) => {
  place = linked;
  showWhoIsTold();
});
const showLog = prepareLog(trouble);
const showConsent = prepareConsent(trouble);
await refresh();
await look();

/** The camera's own state comes with the live state; a change of it is a new line of the log. */
function follow(state, controls) {
  hubNow = state.hub;
  updatesNow = state.updates;
  showWhoIsTold();
  collectiveFor(state.viewer?.role ?? "owner");
  const shown = controls.camera ? state.camera.state : "off";
  if (shown === cameraNow) return;
  const first = cameraNow === null;
  cameraNow = shown;
  const sentence = `log.now.${shown}`;
  put(at("camera-now"), known(sentence) ? say(sentence) : say(`camera.${shown}`));
  if (!first) setTimeout(refresh, 1500); // the log is written a moment later
}

function showWhoIsTold() {
  const hub = hubNow && hubNow.state !== "off" ? say("leaves.hub", { where: hubNow.where }) : "";
  const collective = place ? say("leaves.collective", { place }) : "";
  const updates = updatesNow && updatesNow.state !== "off" ? say("leaves.updates", updatesNow) : "";
  const told = [hub, collective, updates].filter(Boolean);
  put(at("leaves"), told.length ? [...told, say("leaves.nothing_else")].join(" ") : say("leaves.nothing"));
}

async function refresh() {
  try {
    showKept(await get("/emotions/api/stored/"));
    await showLog();
    await showConsent();
    hide(at("trouble"), true);
  } catch (error) {
    trouble(error);
  }
}

function trouble(error) {
  put(at("trouble"), error.message);
  hide(at("trouble"), false);
}

function showKept(stored) {
  const figures = [
    ["readings", number(stored.readings)],
    ["sessions", number(stored.sessions)],
    ["corrections", number(stored.corrections)],
    ["size", megabytes(stored.bytes)],
    ["since", stored.oldest ? longDay(stored.oldest) : "–"],
  ];
  keep(at("kept"), figures, ([key]) => key, ([key]) => make("div", "", make("dt", "", say(`kept.${key}`)), make("dd")), (item, [, text]) => put(item.lastChild, text));
  put(at("kept-note"), stored.state === "ok" ? say("kept.note") : [say(`kept.${stored.state}`), sentence(stored.detail)].join(" "));
  put(at("until"), say("until.rule", { count: stored.keep_days, size: megabytes(stored.max_mb * 1e6) }));
  hide(at("change"), !pages.settings);
}
