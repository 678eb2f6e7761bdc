// The Privacy page: what is kept, what never is, when the camera was on; taking it along, deleting it.

import { at, hide, keep, make, put } from "./dom.js";
import { prepareConsent } from "./privacy/consent.js";
import { prepareExport } from "./privacy/export.js";
import { prepareForget } from "./privacy/forget.js";
import { prepareLog } from "./privacy/log.js";
import { get } from "./rest.js";
import { openShell } from "./shell.js";
import { longDay, megabytes, number } from "./units.js";
import { known, pages, say } from "./words.js";

let cameraNow = null;

document.title = say("privacy.title");
openShell({ onState: follow });
prepareExport();
prepareForget(refresh);
const showLog = prepareLog(trouble);
const showConsent = prepareConsent(trouble);
await refresh();

/** The camera's own state comes with the live state; a change of it is a new line of the log. */
function follow(state, controls) {
  const { hub } = state;
  put(at("leaves"), hub && hub.state !== "off" ? say("leaves.hub", { where: hub.where }) : say("leaves.nothing"));
  const shown = controls.camera ? state.camera.state : "off";
  if (shown === cameraNow) return;
  const first = cameraNow === null;
  cameraNow = shown;
  const sentence = `log.now.${shown}`;
  put(at("camera-now"), known(sentence) ? say(sentence) : say(`camera.${shown}`));
  if (!first) setTimeout(refresh, 1500); // the log is written a moment later
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
  put(at("kept-note"), stored.state === "ok" ? say("kept.note") : [say(`kept.${stored.state}`), stored.detail].join(" "));
  put(at("until"), say("until.rule", { count: stored.keep_days, size: megabytes(stored.max_mb * 1e6) }));
  hide(at("change"), !pages.settings);
}
