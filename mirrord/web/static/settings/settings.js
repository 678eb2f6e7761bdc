// The settings page: everything that can be set, changed as soon as it is chosen, and changed back.

import { ask as wish } from "../control.js";
import { at, hide, make, put, set } from "../dom.js";
import { announce } from "../news.js";
import { openShell } from "../shell.js";
import { pages, say } from "../words.js";
import { Refusal, change, goTo, load, reset } from "./desk.js";
import { finder } from "./devices.js";
import { settingRow } from "./field.js";
import { framing } from "./framing.js";
import { historyList, told, undoBar } from "./history.js";
import { pairer } from "./pairing.js";
import { search } from "./search.js";
import { updatesNews } from "./updates.js";
import { aboutOf, labelOf, titleOf } from "./words.js";

const rows = new Map(); // by key
const finders = [];
const statuses = new Map(); // of the camera and the drivers, by name
let desk = null;
let live = null;
const aid = framing();
const news = updatesNews();
const past = historyList({ onGo: (count) => attempt(() => goTo(count)) });
const undo = undoBar({ onUndo: () => attempt(() => goTo()) });

openShell({ onState: see });
at("find").addEventListener("input", (event) => search(event.target.value));
addEventListener("focus", refresh);
begin();

async function begin() {
  try {
    build(await load());
  } catch (error) {
    refused(error);
  }
}

/** Somebody else may have changed something meanwhile. */
async function refresh() {
  if (!desk || document.activeElement?.matches("input, select")) return;
  try {
    show(await load());
  } catch {
    // the frame says that the mirror does not answer
  }
}

function refused(error) {
  const note = make("p", "note", error.message);
  if (error instanceof Refusal && (error.status === 401 || error.status === 403) && pages.account) {
    const link = make("a", "plain", say("settings.sign_in"));
    link.href = pages.account;
    note.append(" ", link);
  } else {
    const again = make("button", "plain", say("settings.again"));
    again.addEventListener("click", () => location.reload());
    note.append(" ", again);
  }
  at("notes").replaceChildren(note);
}

function build(answer) {
  const groups = answer.groups.filter((group) => group.fields.length);
  at("groups").replaceChildren(...groups.map(section), pastSection(), firstSection());
  at("contents").replaceChildren(contents(groups));
  hide(at("body"), false);
  show(answer);
  document.body.dataset.settings = "ready";
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function contents(groups) {
  const named = [...groups.map((group) => [idOf(group), titleOf(group)]), ["past", say("history.title")], ["first", say("settings.first")]];
  return make("ul", "", ...named.map(([id, title]) => {
    const link = make("a", "", title);
    link.href = `#${id}`;
    return make("li", "", link);
  }));
}

const idOf = (group) => group.table.replaceAll(".", "-");

function section(group) {
  const title = make("h2", "", titleOf(group));
  title.id = `${idOf(group)}-title`;
  const head = make("div", "group-head", title, make("p", "group-about", aboutOf(group)));
  const element = make("section", "group", head);
  element.id = idOf(group);
  set(element, "aria-labelledby", title.id);
  if (group.driver || group.table === "camera") element.append(status(group.driver ?? group.table));
  if (group.table === "updates") element.append(news.element);
  const plain = group.fields.filter((field) => !field.expert).map(row);
  const expert = group.fields.filter((field) => field.expert).map(row);
  element.append(make("div", "rows", ...plain), ...helpers(group));
  if (expert.length) element.append(make("details", "expert", make("summary", "", say("settings.expert", { count: expert.length })), ...expert));
  return element;
}

function helpers(group) {
  const found = [];
  if (group.finds || group.table === "camera") {
    const one = finder(group.driver ?? group.table, { onUse: (settings) => attempt(() => change(settings)), isUsed });
    finders.push(one);
    found.push(one.element);
  }
  if (group.pairs) found.push(pairer(group.driver).element);
  if (group.table === "camera") found.push(aid.element);
  return found;
}

const isUsed = (settings) => Object.entries(settings).every(([key, value]) => fieldOf(key).field?.value === value);

/** How a driver fares, where its settings are. */
function status(driver) {
  const line = make("p", "status");
  statuses.set(driver, line);
  return line;
}

function row(field) {
  const made = settingRow(field, {
    onChange: choose,
    onReset: (key) => attempt(() => reset(key), key),
  });
  rows.set(field.key, made);
  return made.row;
}

/** A driver that was switched on the Now page is switched back there: its setting says so already. */
function choose(key, value) {
  const { group, field } = fieldOf(key);
  if (group.driver && field.name === "enabled" && field.value === value) wish({ drivers: { [group.driver]: value } });
  else attempt(() => change({ [key]: value }), key);
}

function pastSection() {
  const title = make("h2", "", say("history.title"));
  title.id = "past-title";
  const about = make("p", "group-about", say("history.about"));
  const element = make("section", "group", make("div", "group-head", title, about), past.element);
  element.id = "past";
  set(element, "aria-labelledby", title.id);
  return element;
}

/** The way back to the first start, and to the notice. */
function firstSection() {
  const title = make("h2", "", say("settings.first"));
  title.id = "first-title";
  const about = make("p", "group-about", say("settings.first_about"));
  const again = make("a", "plain", say("settings.first_open"));
  again.href = "/welcome";
  const notice = make("a", "plain", say("settings.first_notice"));
  notice.href = "/notice";
  const element = make("section", "group", make("div", "group-head", title, about), make("p", "buttons", again, notice));
  element.id = "first";
  set(element, "aria-labelledby", title.id);
  return element;
}

/** Ask for something, show what holds then, or say at the setting what was wrong with it. */
async function attempt(ask, key) {
  const before = desk;
  document.body.dataset.asking = "";
  try {
    show(await ask());
    offer(before);
  } catch (error) {
    complain(error, key);
  } finally {
    delete document.body.dataset.asking;
  }
}

function complain(error, key) {
  const details = Object.entries(error.details ?? {}).filter(([one]) => rows.has(one));
  for (const [one, sentence] of details) rows.get(one).complain(sentence);
  if (!details.length && rows.has(key)) rows.get(key).complain(error.message);
  else if (!details.length) announceTrouble(error.message);
}

function announceTrouble(sentence) {
  at("notes").prepend(make("p", "note", sentence));
  announce(sentence);
}

function offer(before) {
  if (desk.done > before.done || desk.history.length > before.history.length) {
    const sentence = desk.history[desk.done - 1].changes.map((one) => told(one, fieldOf)).join(", ");
    undo.say(sentence);
    announce(say("undo.done", { what: sentence }));
  } else if (desk.done < before.done) {
    undo.close();
    announce(say("undo.undone"));
  }
}

function show(answer) {
  desk = answer;
  for (const field of answer.groups.flatMap((group) => group.fields)) {
    const one = rows.get(field.key);
    if (!one) continue;
    one.complain("");
    one.show(field);
  }
  if (live) see(live);
  past.show(answer, fieldOf);
  for (const one of finders) one.show();
  const waiting = answer.waiting.map((key) => labelOf(fieldOf(key).field));
  const notes = [...answer.notices];
  if (waiting.length) notes.unshift(say("settings.waiting", { names: waiting.join(", ") }));
  at("notes").replaceChildren(...notes.map((note) => make("p", "note", note)));
}

function fieldOf(key) {
  const group = desk.groups.find((one) => one.fields.some((field) => field.key === key));
  return { group, field: group?.fields.find((field) => field.key === key) };
}

function see(state, controls = state.controls) {
  live = { ...state, controls };
  aid.show(live);
  news.show(live.updates);
  document.title = say("settings.document", { name: state.name });
  fares("camera", state.camera.state, say(`camera.${state.camera.state}`), state.camera.state === "open" ? "" : state.camera.detail);
  for (const { name, state: how, error } of state.drivers) {
    fares(name, how, say(`driver.${how}`), error);
    if (name in controls.drivers) rows.get(`drivers.${name}.enabled`)?.hold(controls.drivers[name]);
  }
}

function fares(name, how, word, trouble) {
  const line = statuses.get(name);
  if (!line) return;
  line.dataset.state = how;
  put(line, [word, trouble].filter(Boolean).join(": "));
}
