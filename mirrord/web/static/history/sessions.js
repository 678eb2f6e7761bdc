// The visits to the mirror, a page at a time, each a way to its own page.

import { MOODS } from "../chart.js";
import { at, hide, make, put, style } from "../dom.js";
import { get } from "../rest.js";
import { clock, day, duration } from "../units.js";
import { say } from "../words.js";

const SIZE = 10;
let attempt;

/** Show the newest visits. */
export function sessionsFrom(attempting) {
  attempt = attempting;
  return show("/emotions/api/sessions/", { page_size: SIZE });
}

async function show(path, query = {}) {
  const found = await attempt(() => get(path, query));
  if (!found) return;
  put(at("sessions-note"), say("sessions.note", { count: found.count }));
  at("sessions").replaceChildren(...found.results.map(entry));
  hide(at("sessions-pages"), found.next === null && found.previous === null);
  turn(at("newer"), found.previous);
  turn(at("older"), found.next);
}

/** The links are addresses of the mirror: only their path and query are asked for. */
function turn(button, address) {
  button.disabled = address === null;
  button.onclick = () => {
    const { pathname, search } = new URL(address, location.href);
    show(pathname + search);
    at("sessions-title").scrollIntoView({ block: "start" });
  };
}

function entry(session) {
  const seconds = (new Date(session.last_activity) - new Date(session.start_time)) / 1000;
  const strip = make("i", "strip", ...MOODS.map((mood) => part(mood, session[`average_${mood}`] ?? 0)));
  const link = make("a", "", make("span", "when", `${day(session.start_time)}, ${clock(session.start_time)}`), make("span", "long", duration(seconds)), strip,
    make("span", "much", leading(session)), make("span", "soft", session.is_active ? say("sessions.active") : say("sessions.readings", { count: session.total_readings })));
  link.href = `/history/${encodeURIComponent(session.session_id)}`;
  return make("li", "", link);
}

function part(mood, share) {
  const piece = make("b");
  style(piece, "--mood", `var(--${mood})`);
  style(piece, "--share", share.toFixed(4));
  return piece;
}

function leading(session) {
  if (!session.total_readings) return "–";
  return say(`mood.${MOODS.reduce((one, other) => (session[`average_${other}`] > session[`average_${one}`] ? other : one))}`);
}
