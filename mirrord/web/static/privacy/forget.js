// Deleting for good, in two steps: the mirror says what goes, a person says yes.

import { at, hide, put } from "../dom.js";
import { post } from "../rest.js";
import { moment, number } from "../units.js";
import { say } from "../words.js";
import { option } from "./export.js";

const ADDRESS = "/emotions/api/forget/";
const HOURS = { hour: 1, day: 24, week: 168 };
const SPANS = [...Object.keys(HOURS), "between", "all"];
let confirmation = null;
let after;

/** `forgotten()` is called when something has been deleted. */
export function prepareForget(forgotten) {
  after = forgotten;
  at("forget-span").append(...SPANS.map((name) => option(name, say(`forget.${name}`))));
  at("forget-span").addEventListener("change", showFields);
  at("forget").addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  at("no").addEventListener("click", () => at("sure").close());
  at("yes").addEventListener("click", confirm);
  showFields();
}

function showFields() {
  const between = at("forget-span").value === "between";
  hide(at("since-field"), !between);
  hide(at("until-field"), !between);
}

function chosen() {
  const name = at("forget-span").value;
  if (name === "all") return { all: true };
  if (name in HOURS) return { since: new Date(Date.now() - HOURS[name] * 3_600_000).toISOString() };
  const given = Object.entries({ since: at("since").value, until: at("before").value }).filter(([, value]) => value);
  return Object.fromEntries(given.map(([key, value]) => [key, new Date(value).toISOString()]));
}

async function ask() {
  put(at("done"), "");
  const what = chosen();
  if (!Object.keys(what).length) {
    put(at("done"), say("forget.which"));
    return;
  }
  try {
    const { going, confirm: token } = await post(ADDRESS, what);
    confirmation = token;
    put(at("sure-what"), sentence(going));
    hide(at("sure-trouble"), true);
    at("yes").disabled = false;
    at("sure").showModal();
    at("no").focus();
  } catch (error) {
    put(at("done"), error.message);
  }
}

function sentence(going) {
  const counts = [say("sure.readings", { count: going.readings }), say("sure.sessions", { count: going.sessions })].join(", ");
  const parts = [say("sure.what", { counts })];
  if (going.oldest && going.newest) parts.push(say("sure.span", { from: moment(going.oldest), until: moment(going.newest) }));
  if (going.damaged_files) parts.push(say("sure.damaged", { count: going.damaged_files }));
  return parts.join(" ");
}

async function confirm() {
  at("yes").disabled = true;
  try {
    const gone = await post(ADDRESS, { confirm: confirmation });
    at("sure").close();
    put(at("done"), say("forget.done", { readings: number(gone.readings) }));
    await after();
  } catch (error) {
    put(at("sure-trouble"), error.message);
    hide(at("sure-trouble"), false);
  }
}
