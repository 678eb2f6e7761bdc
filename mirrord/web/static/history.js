// The History page: what the mirror has recorded, over a span that the reader chooses.

import { at, hide, make, put, set } from "./dom.js";
import { showCourse } from "./history/course.js";
import { showPath } from "./history/path.js";
import { sessionsFrom } from "./history/sessions.js";
import { showShares } from "./history/shares.js";
import { spanOf, SPANS } from "./history/spans.js";
import { showWeek } from "./history/week.js";
import { showWeeks } from "./history/weeks.js";
import { get } from "./rest.js";
import { entitle, openShell } from "./shell.js";
import { longDay, number } from "./units.js";
import { say } from "./words.js";

const KEPT = "history.span";
let showing = 0;
let first = null; // when the first reading was taken

entitle(say("history.title"));
openShell();
prepareSpans();
await start();

async function start() {
  const stats = await attempt(() => get("/emotions/api/system/stats/"));
  if (!stats) return;
  const empty = stats.first_reading === null;
  hide(at("nothing"), !empty);
  hide(at("all"), empty);
  if (empty) return;
  first = new Date(stats.first_reading);
  const facts = { readings: number(stats.total_readings), count: stats.total_sessions, since: longDay(first) };
  put(at("lead"), say("history.lead", facts));
  sessionsFrom(attempt);
  showWeeks(attempt);
  choose(localStorage.getItem(KEPT) ?? "week");
}

function prepareSpans() {
  for (const name of Object.keys(SPANS)) {
    const button = make("button", "choice", say(`span.${name}`));
    button.type = "button";
    button.dataset.span = name;
    button.addEventListener("click", () => choose(name));
    at("span-choices").append(button);
  }
}

function choose(name) {
  const wanted = name in SPANS ? name : "week";
  localStorage.setItem(KEPT, wanted);
  for (const button of at("span-choices").children) set(button, "aria-pressed", String(button.dataset.span === wanted));
  show(spanOf(wanted, first));
}

/** Fill every part that follows the span; a choice made meanwhile wins. */
function show(span) {
  showing += 1;
  const mine = showing;
  const ours = async (ask) => {
    const found = await attempt(ask);
    return mine === showing ? found : null;
  };
  for (const part of [showCourse, showShares, showPath, showWeek]) part(span, ours);
}

/** Return what `ask` answers; where it fails, say why and return null. */
async function attempt(ask) {
  try {
    const found = await ask();
    hide(at("trouble"), true);
    return found;
  } catch (error) {
    put(at("trouble"), error.message);
    hide(at("trouble"), false);
    return null;
  }
}
