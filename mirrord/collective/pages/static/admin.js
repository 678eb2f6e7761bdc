// Administration: one list at a time, searched and filtered; every act is asked about and logged.

import { at, hide, make, put, set } from "./dom.js";
import { alarm, announce, entitle, openFrame } from "./frame.js";
import { get } from "./rest.js";
import { change } from "./rows.js";
import { duration, moment, number } from "./units.js";
import { say } from "./words.js";

const API = "/emotions/api/admin/";
const yes = (value) => say(value ? "admin.yes" : "admin.no");
const when = (value) => (value ? moment(value) : "–");
const count = (value) => (value === null || value === undefined ? "–" : number(value));
const same = (value) => value ?? "";

/** Of each list: its columns, its filters with their choices, and what can be done to a row. */
const LISTS = {
  users: {
    columns: { username: same, email: same, active: yes, is_admin: yes, contributes: yes, mirrors: count, joined: when },
    filters: { active: ["true", "false"], admin: ["true", "false"] },
    acts: (one) => (one.username === me.user ? [] : [toggle(`users/${one.id}/`, one.active), admin(one), remove(`users/${one.id}/`, one.username)]),
  },
  mirrors: {
    columns: { name: same, user: same, active: yes, version: same, enrolled: when, last_sync: when },
    filters: { user: null, active: ["true", "false"] },
    acts: (one) => [toggle(`mirrors/${one.account}/${one.id}/`, one.active), remove(`mirrors/${one.account}/${one.id}/`, one.name)],
  },
  spaces: {
    columns: { name: same, kind: (value) => say(`kind.${value}`), active: yes, public: yes, members: count, least: count, window_s: duration, created: when },
    filters: { kind: ["home", "gallery", "festival"], active: ["true", "false"], public: ["true", "false"] },
    acts: (one) => (one.kind === "world" ? [] : [toggle(`spaces/${one.id}/`, one.active), remove(`spaces/${one.id}/`, one.name)]),
  },
  sessions: {
    columns: { session_id: same, user: same, active: yes, device_type: same, readings: count, started: when, last_activity: when },
    filters: { user: null, active: ["true", "false"] },
    acts: (one) => [one.active && toggle(`sessions/${one.account}/${one.id}/`, true), remove(`sessions/${one.account}/${one.id}/`, one.session_id)],
  },
  readings: {
    columns: { id: same, user: same, session_id: same, at: when },
    filters: { user: null },
    acts: (one) => [remove(`readings/${one.account}/${one.id}/`, one.id)],
  },
  responses: {
    columns: { id: same, user: same, session_id: same, at: when },
    filters: { user: null },
    acts: (one) => [remove(`readings/${one.account}/${one.id}/`, one.id)],
  },
  collective: {
    columns: { start: when, name: same, shown: yes, contributors: count, readings: count },
    filters: { space: null, active: ["true", "false"] },
    acts: (one) => [one.shown && remove(`collective/${one.space}/${one.id}/`, moment(one.start))],
  },
  audit: {
    columns: { at: when, actor: same, act: same, kind: same, subject: same, detail: same },
    filters: { user: null, kind: ["user", "mirror", "space", "session", "reading", "figure"] },
    acts: () => [],
  },
};
const SEARCHED = ["users", "mirrors", "spaces", "sessions", "readings", "responses", "audit"];
const asked = location.pathname.split("/")[2];
const name = asked in LISTS ? asked : "users";
const list = LISTS[name];
let wanted = {};
let pages = { next: null, previous: null };
let timer;

entitle(`${say("admin.title")}: ${say(`list.${name}`)}`);
const me = await openFrame();
showLists();
showSearch();
at("newer").addEventListener("click", () => show(pages.previous));
at("older").addEventListener("click", () => show(pages.next));
await show();

function showLists() {
  at("lists").replaceChildren(...Object.keys(LISTS).map((one) => {
    const link = make("a", "", say(`list.${one}`));
    link.href = `/admin/${one}`;
    if (one === name) set(link, "aria-current", "page");
    return make("li", "", link);
  }));
}

function showSearch() {
  const form = at("search");
  if (SEARCHED.includes(name)) form.append(field("search", textInput("search")));
  for (const [filter, choices] of Object.entries(list.filters)) form.append(field(filter, choices ? picker(filter, choices) : textInput("text")));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 250);
  });
}

function search() {
  wanted = Object.fromEntries([...new FormData(at("search"))].filter(([, value]) => value !== ""));
  show();
}

function textInput(type) {
  return Object.assign(make("input"), { type, autocomplete: "off" });
}

function field(key, input) {
  const label = make("label", "", say(`filter.${key}`));
  Object.assign(input, { id: `filter-${key}`, name: key });
  label.htmlFor = input.id;
  return make("p", "field", label, input);
}

function picker(filter, choices) {
  const select = make("select");
  select.append(new Option(say("filter.any"), ""));
  for (const one of choices) select.append(new Option(word(filter, one), one));
  return select;
}

function word(filter, choice) {
  if (choice === "true" || choice === "false") return yes(choice === "true");
  return say(filter === "kind" && name === "spaces" ? `kind.${choice}` : `audit.${choice}`);
}

/** Show a page of the list: the address that a page before named, or the first of what is wanted. */
async function show(address = null) {
  let found;
  try {
    found = address ? await get(new URL(address).pathname + new URL(address).search) : await get(`${API}${name}/`, wanted);
  } catch (error) {
    alarm(error.message);
    return;
  }
  pages = found;
  put(at("count"), found.count > 10_000 ? say("admin.many") : say("admin.count", { count: found.count }));
  hide(at("none"), found.results.length > 0);
  put(at("none"), say(Object.keys(wanted).length ? "admin.none" : "admin.nothing"));
  hide(at("table"), found.results.length === 0);
  hide(at("paging"), !found.next && !found.previous);
  at("newer").disabled = !found.previous;
  at("older").disabled = !found.next;
  const heads = Object.keys(list.columns).map((column) => Object.assign(make("th", "", say(`column.${column}`)), { scope: "col" }));
  at("table").tHead.replaceChildren(make("tr", "", ...heads, make("th", "", make("span", "hidden", say("admin.acts")))));
  at("table").tBodies[0].replaceChildren(...found.results.map(line));
}

function line(one) {
  const cells = Object.entries(list.columns).map(([column, shown], index) => {
    const cell = make(index ? "td" : "th", "", shown(one[column]));
    if (index) set(cell, "data-name", say(`column.${column}`));
    else cell.scope = "row";
    return cell;
  });
  const row = make("tr", "", ...cells, make("td", "acts", ...list.acts(one).filter(Boolean)));
  if (one.active === false) set(row, "data-off", "");
  return row;
}

function toggle(path, active) {
  const body = { active: !active };
  return act(say(active ? "admin.deactivate" : "admin.activate"), "", active && say("admin.deactivate_sure"), () => change("PUT", API + path, body, done));
}

function admin(one) {
  const word = say(one.is_admin ? "admin.demote" : "admin.promote");
  const question = say(one.is_admin ? "admin.demote_sure" : "admin.promote_sure", { name: one.username });
  return act(word, "", question, () => change("PUT", `${API}users/${one.id}/`, { is_admin: !one.is_admin }, done));
}

function remove(path, what) {
  return act(say("admin.delete"), "danger", say(`delete.${name}`, { name: what }), () => change("DELETE", API + path, undefined, done));
}

function act(word, kind, question, press) {
  const button = make("button", `plain ${kind}`, word);
  button.type = "button";
  button.addEventListener("click", () => (question ? ask(word, question, press) : press()));
  return button;
}

function ask(word, question, press) {
  put(at("sure-title"), word);
  put(at("sure-what"), question);
  put(at("yes"), word);
  at("yes").onclick = () => {
    at("sure").close();
    press();
  };
  at("no").onclick = () => at("sure").close();
  at("sure").showModal();
}

async function done() {
  announce(say("admin.done"));
  await show();
}
