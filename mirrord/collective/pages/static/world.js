// The living picture of a space or the world, and below it what was.

import { Crowd } from "./crowd.js";
import { at, hide, keep, make, put, set, style } from "./dom.js";
import { follow } from "./follow.js";
import { announce, entitle, openFrame } from "./frame.js";
import { MOODS, pictureOf, ranked, sentence, sharesOf } from "./mood_picture.js";
import { showPast } from "./past.js";
import { Picture } from "./picture.js";
import { get } from "./rest.js";
import { clock, number, percent } from "./units.js";
import { windowOf } from "./window.js";
import { say } from "./words.js";

const WORLD = "1";
const AWAKE_MS = 3000;
const SMALL = 0.12; // a share too narrow for its name

const id = location.pathname.startsWith("/space/") ? decodeURIComponent(location.pathname.split("/")[2]) : WORLD;
const crowd = new Crowd();
const picture = new Picture(at("picture"), [crowd]);
let space = null;
let said = "";
let awake;

picture.show(pictureOf(null));
openFrame();
put(at("link"), say("link.connecting"));
try {
  space = await get(`/emotions/api/spaces/${id}/`);
} catch (error) {
  put(at("trouble"), error.message);
  hide(at("trouble"), false);
}
if (space) open();

function open() {
  const world = id === WORLD;
  entitle(world ? say("title.world") : say("title.space", { name: space.name }));
  put(at("place"), world ? "" : say(`kind.${space.kind}`));
  put(at("how"), say(space.epsilon > 0 ? "how.noise" : "how.plain", { least: number(space.least), ...windowOf(space) }));
  showFigure(null);
  follow(id, {
    onFigure: showFigure,
    onViewers: (count) => put(at("viewers"), say("viewers", { count, many: coarse(count) })),
    onLink: showLink,
  });
  showPast(id, space);
  prepareFull();
  stayLit();
  document.addEventListener("visibilitychange", stayLit);
}

const place = () => (id === WORLD ? say("place.world") : space.name);

/** From five on, counts are coarse: they say "at least". */
const coarse = (count) => (count >= 5 ? say("at_least", { many: number(count) }) : number(count));

function showFigure(figure) {
  const empty = !figure;
  document.body.toggleAttribute("data-empty", empty);
  picture.show(pictureOf(figure));
  set(at("shares"), "aria-hidden", String(empty));
  if (empty) {
    speak(say("empty.title"), say("empty.note", { least: number(space.least), ...windowOf(space) }));
    at("shares").replaceChildren();
    return;
  }
  const shares = sharesOf(figure);
  crowd.show(shares);
  const from = new Date(figure.timestamp);
  const until = new Date(from.getTime() + 1000 * space.window_s);
  const facts = { count: figure.active_sessions, many: coarse(figure.active_sessions) };
  speak(sentence(figure, place()), say("about", { ...facts, from: clock(from), until: clock(until) }));
  showShares(shares);
}

function speak(words, note) {
  put(at("about"), note);
  if (words === said) return;
  if (said) announce(words);
  said = words;
  put(at("sentence"), words);
  set(at("picture"), "aria-label", `${say("picture.label")}: ${words}`);
}

function showShares(shares) {
  keep(at("shares"), MOODS.map((mood) => ({ mood, share: shares[mood] })), ({ mood }) => mood, ({ mood }) => {
    const item = make("li", "", make("i"), make("span"));
    style(item, "--mood", `var(--${mood})`);
    return item;
  }, (item, { mood, share }) => {
    style(item, "--share", Math.max(0.004, share).toFixed(3));
    item.classList.toggle("small", share < SMALL);
    put(item.lastChild, `${say(`mood.${mood}`)} ${percent(share)}`);
  });
  set(at("shares"), "title", ranked(shares).map((mood) => `${say(`mood.${mood}`)} ${percent(shares[mood])}`).join(" · "));
}

function showLink(link) {
  set(document.body, "data-link", link);
  put(at("link"), say(`link.${link}`));
  picture.trust(link !== "lost");
}

function prepareFull() {
  const living = at("living");
  hide(at("full"), !document.fullscreenEnabled);
  at("full").addEventListener("click", () => {
    const change = document.fullscreenElement ? document.exitFullscreen() : living.requestFullscreen();
    change.catch(() => {}); // the browser may refuse; the picture stays where it is
  });
  document.addEventListener("fullscreenchange", () => put(at("full"), say(document.fullscreenElement ? "picture.leave" : "picture.full")));
  for (const kind of ["pointermove", "pointerdown", "keydown"]) addEventListener(kind, wake);
}

function wake() {
  at("living").dataset.awake = "";
  clearTimeout(awake);
  awake = setTimeout(() => delete at("living").dataset.awake, AWAKE_MS);
}

/** On a wall the screen stays lit while the picture fills it. */
async function stayLit() {
  if (document.hidden || !navigator.wakeLock) return;
  try {
    await navigator.wakeLock.request("screen");
  } catch {
    // low battery, or no secure context: the screen may sleep
  }
}
