// The frame of every page of the collective: the name, the way to the other pages, who has signed in.

import { at, hide, make, put, set } from "./dom.js";
import { knock } from "./knock.js";
import { languagePicker } from "./language.js";
import { fill, pages, say } from "./words.js";

const ALERT_MS = 9000;
const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  mark: "M16 1.5a14.5 14.5 0 1 0 0 29a14.5 14.5 0 1 0 0-29M21 7.4a3.6 3.6 0 1 0 0 7.2a3.6 3.6 0 1 0 0-7.2",
  world: "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M3.5 12h17M12 3.5c3 2.6 3.9 5.4 3.9 8.5s-.9 5.9-3.9 8.5c-3-2.6-3.9-5.4-3.9-8.5s.9-5.9 3.9-8.5",
  spaces: "M9 6a3.4 3.4 0 1 0 0 6.8a3.4 3.4 0 1 0 0-6.8M2.8 19.5c.5-3 2.9-4.6 6.2-4.6s5.700 1.600 6.200 4.600M16 6.400a2.900 2.900 0 0 1 0 5.800M18 15.200c1.900.700 3 2.100 3.300 4.300",
  account: "M12 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8M4.500 20.500c.6-3.900 3.500-5.900 7.500-5.900s6.900 2 7.500 5.900",
  admin: "M12 3.5l7 2.6v5.2c0 4.4-2.9 7.6-7 9.2-4.100-1.600-7-4.800-7-9.200V6.100z",
};
let alertTimer;

/** Build the frame; resolves with who has signed in (what GET /emotions/auth/me/ answers). */
export async function openFrame() {
  build();
  fill(document);
  const me = (await knock("GET", "me/")).data ?? { user: null, is_admin: false };
  showPerson(me);
  document.body.dataset.ready = "";
  return me;
}

/** What the browser calls the page. */
export function entitle(text) {
  document.title = `${text} · Mood Mirror`;
}

/** Say at once what went wrong, for some seconds. */
export function alarm(sentence) {
  clearTimeout(alertTimer);
  put(at("alert"), sentence);
  hide(at("alert"), false);
  alertTimer = setTimeout(() => hide(at("alert"), true), ALERT_MS);
}

/** Speak to those who listen to the page. */
export function announce(sentence) {
  put(at("news"), sentence);
}

function build() {
  const bar = make("header", "bar", brand(), navigation(), named("p", "person", "who"));
  const skip = make("a", "skip", say("page.skip"));
  skip.href = "#main";
  const news = named("p", "hidden", "news");
  set(news, "role", "status");
  const alert = named("p", "alert", "alert");
  set(alert, "role", "alert");
  alert.hidden = true;
  document.body.prepend(skip, news, bar, alert);
  document.body.append(foot());
}

function brand() {
  const home = make("a", "", icon("mark", 32), make("span", "", "Mood Mirror"));
  home.href = "/";
  return make("p", "brand", home);
}

function navigation() {
  const list = named("ul", "", "pages");
  for (const [name, path] of Object.entries(pages)) list.append(entry(name, path));
  const nav = make("nav", "pages", list);
  set(nav, "aria-label", say("shell.nav"));
  return nav;
}

function entry(name, path) {
  const link = make("a", "", icon(name), make("span", "", say(`nav.${name}`)));
  link.href = path;
  const here = document.documentElement.dataset.nav ?? document.documentElement.dataset.page;
  if (name === here && !(name === "world" && location.pathname !== "/")) set(link, "aria-current", "page");
  return make("li", "", link);
}

function showPerson({ user, is_admin: isAdmin }) {
  if (isAdmin) at("pages").append(entry("admin", "/admin"));
  set(document.body, "data-user", user ? "yes" : "no");
  const link = make("a", "who", user ?? say("shell.sign_in"));
  link.href = user ? "/account" : `/login?next=${encodeURIComponent(location.pathname)}`;
  if (user) set(link, "aria-label", say("shell.signed_in", { name: user }));
  at("who").replaceChildren(link);
}

function foot() {
  const handbook = make("a", "", say("shell.api"));
  handbook.href = "/emotions/docs/";
  return make("footer", "", make("p", "promise", say("shell.promise")), make("p", "small", languagePicker(), handbook));
}

function named(tag, name, id) {
  return Object.assign(make(tag, name), { id });
}

/** A drawing of one line. */
export function icon(name, size = 24) {
  const drawing = document.createElementNS(SVG, "svg");
  set(drawing, "viewBox", `0 0 ${size} ${size}`);
  set(drawing, "aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  set(line, "d", PATHS[name]);
  drawing.append(line);
  return drawing;
}

/** The QR code of a text, as POST /emotions/api/qr/ answers it. */
export function qrCode({ size, path }, label) {
  const drawing = document.createElementNS(SVG, "svg");
  set(drawing, "viewBox", `0 0 ${size} ${size}`);
  set(drawing, "class", "qr");
  set(drawing, "role", "img");
  set(drawing, "aria-label", label);
  const dark = document.createElementNS(SVG, "path");
  set(dark, "d", path);
  drawing.append(dark);
  return drawing;
}
