// The collective: what would be sent before anything is, how the link stands, what has left.

import { at, hide, keep, make, put } from "../dom.js";
import { get, post, remove } from "../rest.js";
import { sentence } from "../spoken.js";
import { clock, day, longDay, number } from "../units.js";
import { say } from "../words.js";

const ADDRESS = "/emotions/api/collective/";
const SOON_MS = 3_000;
const LATER_MS = 15_000;
let owner = false;
let state = null;
let timer;
let told = () => {};

/** `changed(place)` hears with whom the mirror is linked, "" for nobody. */
export function prepareCollective(changed) {
  told = changed;
  at("link-form").addEventListener("submit", (event) => {
    event.preventDefault();
    press(() => post(ADDRESS, { url: address(), agreed: true }));
  });
  at("agreed").addEventListener("change", showButton);
  at("address").addEventListener("input", showButton);
  at("stop").addEventListener("click", () => press(() => remove(ADDRESS, {})));
  at("retry").addEventListener("click", () => press(() => post(`${ADDRESS}retry/`, {})));
  at("unlink").addEventListener("click", () => at("ending").showModal());
  at("stay").addEventListener("click", () => at("ending").close());
  at("end").addEventListener("click", () => end(false));
  at("end-erase").addEventListener("click", () => end(true));
  document.addEventListener("visibilitychange", look);
}

/** Only an owner may change anything. */
export function collectiveFor(role) {
  owner = role === "owner";
  if (state) show();
}

/** Show how it stands, now and from now on. */
export async function look() {
  clearTimeout(timer);
  if (document.hidden) return;
  await act(() => get(ADDRESS));
}

/** What a person asked for answers where they look, also on a phone. */
async function press(ask) {
  await act(ask);
  const answers = ["link-trouble", "code-box", "link-now"].map(at);
  answers.find((one) => one.checkVisibility()).scrollIntoView({ block: "center" });
}

async function act(ask) {
  clearTimeout(timer);
  try {
    state = await ask();
    hide(at("link-trouble"), true);
    show();
    await showLedger();
  } catch (error) {
    put(at("link-trouble"), error.message);
    hide(at("link-trouble"), false);
  }
  const soon = ["asking", "leaving", "erasing"].includes(state?.state);
  timer = setTimeout(look, soon ? SOON_MS : LATER_MS);
}

function end(erase) {
  at("ending").close();
  press(() => remove(ADDRESS, { erase }));
}

const address = () => {
  const text = at("address").value.trim();
  return text.includes("://") ? text : `https://${text}`;
};

function showButton() {
  at("begin").disabled = !(at("agreed").checked && at("address").value.trim());
  hide(at("plain"), !address().startsWith("http:"));
}

function show() {
  const { state: now, link } = state;
  at("collective").dataset.state = now;
  put(at("link-now"), say(`sync.${now}`, { place: link?.place ?? "", user: link?.user ?? "" }));
  put(at("link-note"), state.problem ? problem() : now === "off" ? state.note : "");
  hide(at("link-note"), !at("link-note").textContent);
  hide(at("offer"), now !== "off");
  hide(at("link-form"), !owner);
  hide(at("ask-owner"), owner);
  hide(at("code-box"), now !== "asking");
  hide(at("standing"), now === "off" || now === "asking");
  hide(at("unlink"), !owner || now !== "linked");
  hide(at("stop"), !owner);
  if (now === "asking") showCode(link);
  if (now !== "off") showFigures();
  showButton();
  told(now === "off" || now === "asking" ? "" : link.place);
}

function problem() {
  const again = state.again_at ? say("sync.again", { time: clock(new Date(1000 * state.again_at)) }) : "";
  return [say(`sync.problem.${state.problem}`), sentence(state.said), again].join(" ");
}

function showCode(link) {
  put(at("code"), link.code);
  put(at("code-page"), link.page);
  at("code-page").href = link.page;
}

function showFigures() {
  const { waiting, link } = state;
  const figures = [
    ["since", link.linked_at ? longDay(new Date(1000 * link.linked_at)) : "–"],
    ["waits", number(waiting.open + waiting.ready + waiting.unanswered + waiting.later)],
    ["sent", kilobytes(state.sent)],
  ];
  keep(at("link-figures"), figures, ([key]) => key, ([key]) => make("div", "", make("dt", "", say(`sync.figure.${key}`)), make("dd")), (item, [, text]) => put(item.lastChild, text));
  const { left_out: left } = waiting;
  hide(at("left-out"), !left.items);
  put(at("left-out"), left.items ? say("sync.left_out", { count: left.readings, from: longDay(new Date(left.since)), until: longDay(new Date(left.until)) }) : "");
  hide(at("aside-box"), !state.aside.length);
  hide(at("retry"), !owner);
  const line = ({ count, reason }) => make("li", "", say("sync.aside", { count }), " ", make("span", "soft", reason));
  at("aside").replaceChildren(...state.aside.map(line));
}

async function showLedger() {
  const rows = await get(`${ADDRESS}ledger/`, { limit: 8 });
  hide(at("ledger-box"), !rows.length);
  put(at("ledger-all"), say("ledger.all", { count: state.requests, size: kilobytes(state.bytes) }));
  const cell = (name, text) => make("span", name, text);
  const line = (row) => make("li", "",
    cell("", `${day(row.at)}, ${clock(row.at)}`),
    cell("what", say(`ledger.${row.kind}`)),
    cell("soft", row.items ? say("ledger.items", { count: row.items }) : ""),
    cell("size", kilobytes(row.bytes)),
    cell("soft outcome", answer(row)));
  at("ledger").replaceChildren(...rows.map(line));
}

function answer({ kind, outcome, requests }) {
  if (outcome === "a day") return say("ledger.requests", { count: requests });
  if (outcome === "no answer") return say("ledger.no_answer");
  if (outcome === "begun") return say("ledger.begun");
  if (kind === "update") return outcome === "200" ? say("ledger.answered") : say("ledger.answered_with", { code: outcome });
  return outcome.startsWith("2") ? say("ledger.taken") : say("ledger.refused", { code: outcome });
}

const kilobytes = (bytes) => say("ledger.kilobytes", { number: number(bytes / 1000, bytes < 100_000 ? 1 : 0) });
