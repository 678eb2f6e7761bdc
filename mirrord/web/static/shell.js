// The frame of every page: who the mirror is, the way to the other pages, the camera's switch, the connection.

import { ask, useHooks, wished } from "./control.js";
import { at, hide, keep, make, put, set } from "./dom.js";
import { languagePicker } from "./language.js";
import { follow } from "./live.js";
import { announce } from "./news.js";
import { duration, useLocale } from "./units.js";
import { fill, pages, say } from "./words.js";

const ORDER = ["now", "history", "room", "settings", "privacy"];
const ALERT_MS = 9000;
const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  mark: "M16 1.5a14.5 14.5 0 1 0 0 29a14.5 14.5 0 1 0 0-29M21 7.4a3.6 3.6 0 1 0 0 7.2a3.6 3.6 0 1 0 0-7.2",
  lens: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M12 8.8a3.2 3.2 0 1 0 0 6.4a3.2 3.2 0 1 0 0-6.4",
  slash: "M3.5 20.5l17-17",
  now: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M15 8.2a1.9 1.9 0 1 0 0 3.8a1.9 1.9 0 1 0 0-3.8",
  history: "M3.5 16.5c2.6 0 2.9-8 5.6-8s3 6.5 5.6 6.5 2.6-9 5.8-9M3.5 20.5h17",
  room: "M12 3v4.5M7 15a5 5 0 0 1 10 0zM10 18.5h4",
  settings: "M4 8h9M19 8h1M4 16h1M11 16h9M16 5.6a2.4 2.4 0 1 0 0 4.8a2.4 2.4 0 1 0 0-4.8M8 13.6a2.4 2.4 0 1 0 0 4.8a2.4 2.4 0 1 0 0-4.8",
  privacy: "M12 3.5l7 2.6v5.2c0 4.4-2.9 7.6-7 9.2-4.1-1.6-7-4.8-7-9.2V6.1zM9 12l2.2 2.2L15.2 10",
};

let state = null;
let heardAt = 0;
let link = "connecting";
let alertTimer;
let hear = () => {};
let title = "";

/**
 * Build the frame and follow the mirror. `onState(state, controls)` hears every new state, and again
 * when a wish is made or answered; `controls` are as they will be once all that was asked is done.
 */
export function openShell({ onState = () => {}, onChange = onState } = {}) {
  hear = onState;
  build();
  fill(document);
  put(at("link"), say("link.connecting"));
  useHooks({
    answered(controls) {
      if (state) state = { ...state, controls };
      tell(onChange);
    },
    failed(sentence) {
      alarm(sentence);
      tell(onChange);
    },
  });
  at("camera").addEventListener("click", () => {
    // Without consent nobody can switch it on: the way there is the first step.
    if (state?.consent?.allows === false) {
      location.assign("/welcome");
      return;
    }
    ask({ camera: at("camera").getAttribute("aria-pressed") === "true" });
    tell(onChange);
  });
  follow(take, connected);
  setInterval(showLink, 1000);
}

/** What the browser calls the page: with the mirror's name, once that is known. */
export function entitle(text) {
  title = text;
  document.title = [text, state?.name].filter(Boolean).join(" · ");
}

/** Say at once what went wrong, for some seconds. */
export function alarm(sentence) {
  clearTimeout(alertTimer);
  put(at("alert"), sentence);
  hide(at("alert"), false);
  alertTimer = setTimeout(() => hide(at("alert"), true), ALERT_MS);
}

/** Show who has signed in, as a link to their account. */
export function signedIn(name, path) {
  const chip = make("a", "who", name ?? say("shell.no_password"));
  chip.href = path;
  if (name) set(chip, "aria-label", say("shell.signed_in", { name }));
  at("who").replaceChildren(chip);
}

/** Show who is looking; what they may not do is hidden by `data-may` and `data-needs`. */
function showViewer({ user, role, scopes }) {
  if (role === "anonymous") return; // a page without accounts
  set(document.body, "data-may", scopes.join(" "));
  const mayNot = !scopes.includes("control");
  for (const input of document.querySelectorAll("[data-control] input")) input.disabled = mayNot;
  if (!at("who").firstChild) signedIn(user, "/account");
}

export const here = () => document.documentElement.dataset.page;

function build() {
  const bar = make("header", "bar", brand(), connection(), demo(), navigation(), person(), switches());
  const skip = make("a", "skip", say("page.skip"));
  skip.href = "#main";
  const news = withId(make("p", "hidden"), "news");
  set(news, "role", "status");
  set(news, "aria-live", "polite");
  const bands = withId(make("div", "bands"), "bands");
  const alert = withId(make("p", "alert"), "alert");
  set(alert, "role", "alert");
  alert.hidden = true;
  document.body.prepend(skip, news, bar, bands, alert);
  document.body.append(foot());
}

function brand() {
  const name = withId(make("span", "", "Mirror"), "name");
  const home = make("a", "", icon("mark", 32), name);
  home.href = "/";
  return make("p", "brand", home);
}

function connection() {
  const dot = make("span", "dot");
  set(dot, "aria-hidden", "true");
  return make("p", "link", dot, withId(make("span"), "link"));
}

function demo() {
  const note = withId(make("p", "demo", say("page.demo")), "demo");
  note.hidden = true;
  return note;
}

function navigation() {
  const names = [...ORDER, ...Object.keys(pages).filter((name) => !ORDER.includes(name) && name !== "account")];
  const list = make("ul", "", ...names.filter((name) => pages[name]).map(entry));
  const nav = make("nav", "pages", list);
  set(nav, "aria-label", say("shell.nav"));
  return nav;
}

function entry(name) {
  const link = make("a", "", icon(name), make("span", "", say(`nav.${name}`)));
  link.href = pages[name];
  if (name !== "now") set(link, "data-needs", "read");
  if (name === here()) set(link, "aria-current", "page");
  return make("li", "", link);
}

const person = () => withId(make("p", "person"), "who");

function switches() {
  const camera = withId(make("button", "switch lens", icon("lens"), make("span", "", say("controls.camera_off"))), "camera");
  camera.type = "button";
  set(camera, "aria-pressed", "false");
  camera.querySelector("svg").append(path("slash"));
  const group = withId(make("div", "switches", camera), "switches");
  set(group, "role", "group");
  set(group, "aria-label", say("controls.label"));
  return group;
}

function foot() {
  const promise = make("p", "promise", say("page.promise"));
  const version = withId(make("span"), "version");
  return make("footer", "", promise, make("p", "small", languagePicker(), version));
}

function withId(element, id) {
  element.id = id;
  return element;
}

/** A drawing of one line, from `PATHS`; a page that has none there gets the mirror's. */
export function icon(name, size = 24) {
  const drawing = document.createElementNS(SVG, "svg");
  set(drawing, "viewBox", `0 0 ${size} ${size}`);
  set(drawing, "aria-hidden", "true");
  drawing.append(path(PATHS[name] ? name : "now"));
  return drawing;
}

export function path(name) {
  const line = document.createElementNS(SVG, "path");
  set(line, "d", PATHS[name]);
  set(line, "class", name);
  return line;
}

function take(next) {
  if (state && state.version !== next.version) {
    location.reload();
    return;
  }
  const first = !state;
  state = next;
  heardAt = performance.now();
  useLocale(state.locale);
  put(at("name"), state.name);
  if (first && title) entitle(title);
  showViewer(state.viewer);
  put(at("version"), say("page.version", { version: state.version }));
  hide(at("demo"), !state.demo);
  showBands(state);
  tell(hear);
  if (first) document.body.dataset.ready = "";
}

/** What whoever may change something has to know, on every page. */
function showBands({ consent, updated }) {
  const asks = consent?.needed && { needed: "needed", kept: "kept" }[consent.state];
  const wanted = [...(updated ? ["updated"] : []), ...(asks ? [`consent_${asks}`] : [])];
  keep(at("bands"), wanted, (one) => one, band, () => {});
}

function band(name) {
  const line = make("p", "band-line", make("span", "", say(`shell.${name}`)));
  set(line, "data-needs", "control");
  if (name.startsWith("consent")) {
    const link = make("a", "plain", say("shell.consent_answer"));
    link.href = "/welcome";
    line.append(link);
  }
  return line;
}

function tell(listener) {
  if (!state) return;
  const controls = wished(state.controls);
  set(at("camera"), "aria-pressed", String(!controls.camera));
  listener(state, controls);
}

function connected(how) {
  if (how === link) return;
  const was = link;
  link = how;
  if (how === "lost" && was === "live") announce(say("link.lost_news"));
  if (how === "live" && was === "lost" && state) announce(say("link.back_news"));
  showLink();
}

function showLink() {
  set(document.body, "data-link", link);
  if (link === "connecting") return;
  if (link === "live") put(at("link"), say("link.live"));
  else if (!state) put(at("link"), say("link.never"));
  else put(at("link"), say("link.lost", { ago: duration((performance.now() - heardAt) / 1000) }));
}
