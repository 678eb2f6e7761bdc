// One visit: how it went, in figures and in words.

import { MOODS } from "./chart.js";
import { at, hide, make, put, style } from "./dom.js";
import { drawCourse } from "./history/course.js";
import { prepareWhy } from "./history/past.js";
import { bars } from "./history/shares.js";
import { WIDTHS } from "./history/spans.js";
import { showTurns } from "./history/turns.js";
import { get } from "./rest.js";
import { entitle, openShell } from "./shell.js";
import { clock, clockSeconds, duration, longDay, number, percent, points } from "./units.js";
import { say } from "./words.js";

const id = decodeURIComponent(location.pathname.split("/").pop());
const own = `/emotions/api/sessions/${encodeURIComponent(id)}`;

entitle(say("session.title"));
openShell();
await start();

async function start() {
  try {
    const [figures, insights] = await Promise.all([get(`${own}/analytics/`), get(`${own}/insights/`)]);
    show(figures, insights);
    if (!figures.readings) return;
    await Promise.all([showCourse(figures), prepareWhy(figures)]);
  } catch (error) {
    put(at("trouble"), error.status === 404 ? say("session.gone") : error.message);
    hide(at("trouble"), false);
  }
}

function show(figures, insights) {
  put(at("title"), say("session.of", { day: longDay(figures.started), time: clock(figures.started) }));
  entitle(at("title").textContent);
  const facts = { length: duration(figures.duration_s), readings: number(figures.readings), until: clock(figures.ended) };
  put(at("lead"), say(figures.is_active ? "session.lead_active" : "session.lead", facts));
  hide(at("nothing"), figures.readings > 0);
  hide(at("all"), figures.readings === 0);
  if (!figures.readings) return;
  showTime(insights);
  at("moods").replaceChildren(...MOODS.map((mood) => row(mood, figures, insights)));
  bars(at("mood-shares"), figures.distribution.moods, "mood");
  bars(at("expression-shares"), figures.distribution.expressions, "expression");
  showTurns(insights.transitions);
}

function showTime({ seconds, longest_calm: calm }) {
  const total = MOODS.reduce((sum, mood) => sum + seconds[mood], 0) || 1;
  const shown = MOODS.filter((mood) => seconds[mood] > 0);
  at("ribbon").replaceChildren(...shown.map((mood) => piece(make("i"), mood, seconds[mood] / total)));
  at("legend").replaceChildren(...MOODS.map((mood) =>
    piece(make("li", "", make("i"), make("span", "", say(`mood.${mood}`)), make("span", "soft", duration(seconds[mood]))), mood, seconds[mood] / total)));
  put(at("calm"), calm ? say("session.calm", { length: duration(calm.seconds), from: clockSeconds(calm.start) }) : say("session.no_calm"));
}

function piece(element, mood, share) {
  style(element, "--mood", `var(--${mood})`);
  style(element, "--share", share.toFixed(4));
  return element;
}

function row(mood, figures, { peaks, lows, volatility, progression }) {
  const name = make("th", "", make("i"), say(`mood.${mood}`));
  name.scope = "row";
  const turn = progression[mood];
  const went = `${turn > 0 ? "↑" : turn < 0 ? "↓" : ""} ${points(Math.abs(turn))}`;
  const line = make("tr", "", name, make("td", "", percent(figures.averages[mood])), extreme(peaks[mood]), extreme(lows[mood]),
    make("td", "", points(volatility[mood])), make("td", "", went));
  style(line, "--mood", `var(--${mood})`);
  return line;
}

function extreme({ value, at: when }) {
  return make("td", "", percent(value), make("span", "soft", ` ${clockSeconds(when)}`));
}

async function showCourse(figures) {
  const span = { since: new Date(figures.started), until: new Date(new Date(figures.ended).getTime() + WIDTHS.minute) };
  const fineness = span.until - span.since > 1440 * WIDTHS.minute ? "hour" : "minute";
  const query = { since: figures.started, until: span.until.toISOString(), resolution: fineness, session_id: id };
  const course = await get("/emotions/api/readings/trends/", query);
  if (course.length) await drawCourse(course, fineness, span);
}
