// What was in a space: how it went, its peaks, its week, and beside the world.

import { chart, MOODS } from "./chart.js";
import { at, hide, make, put, set, style } from "./dom.js";
import { grid } from "./history/grid.js";
import { lines } from "./history/lines.js";
import { asked, spanOf, zone } from "./history/spans.js";
import { get } from "./rest.js";
import { moment, number, percent, points as inPoints, weekday } from "./units.js";
import { say } from "./words.js";

const API = "/emotions/api/collective/";
const WORLD = "1";
const SPANS = ["day", "week", "month", "year"];
const HOURS = { day: 24, week: 168, month: 720, year: 8760 };
const EVERY_MS = 5 * 60_000;
const ALIKE = 0.01;
let id;
let space;
let chosen = "day";
let showing = 0;
let cells = [];

/** Show what was, if there was anything, and keep it up. */
export async function showPast(ofId, ofSpace) {
  [id, space] = [ofId, ofSpace];
  for (const name of SPANS) at("span-choices").append(choice(name));
  for (const name of ["dominant", ...MOODS]) {
    at("measure").append(new Option(say(name === "dominant" ? "week.dominant" : `mood.${name}`), name));
  }
  at("measure").addEventListener("change", drawWeek);
  await show();
  setInterval(() => {
    if (!document.hidden) show();
  }, EVERY_MS);
}

function choice(name) {
  const button = make("button", "choice", say(`span.${name}`));
  button.type = "button";
  button.dataset.span = name;
  button.addEventListener("click", () => {
    chosen = name;
    show();
  });
  return button;
}

/** Fill every part; a choice made meanwhile wins. */
async function show() {
  showing += 1;
  const mine = showing;
  for (const button of at("span-choices").children) set(button, "aria-pressed", String(button.dataset.span === chosen));
  const ours = async (path, query) => {
    try {
      const found = await get(API + path, { space: id, ...query });
      hide(at("trouble"), true);
      return mine === showing ? found : null;
    } catch (error) {
      put(at("trouble"), error.message);
      hide(at("trouble"), false);
      return null;
    }
  };
  const insights = await ours("insights/", { hours: HOURS[chosen] });
  if (!insights) return;
  if (insights.windows === 0 && at("past").hidden) return; // nothing was ever shown: nothing to look at
  hide(at("past"), false);
  showPeaks(insights);
  await Promise.all([showCourse(ours), showWeek(ours), showBeside(ours)]);
}

function showPeaks({ windows, peaks, active_sessions: sessions }) {
  const facts = { count: windows, least: number(sessions.smallest ?? 0) };
  put(at("peaks-note"), windows ? say("peaks.note", facts) : say("course.none"));
  hide(at("peaks"), windows === 0);
  at("peaks").replaceChildren(...MOODS.filter((mood) => peaks[mood]).map((mood) => {
    const value = make("b", "", percent(peaks[mood][`collective_${mood}`]));
    const item = make("li", "", make("span", "", say(`mood.${mood}`)), value, make("span", "when", moment(peaks[mood].timestamp)));
    style(item, "--mood", `var(--${mood})`);
    return item;
  }));
}

async function showCourse(ours) {
  const whole = spanOf(chosen, new Date(0));
  const fineness = chosen === "day" || chosen === "week" ? "hour" : "day";
  const points = await ours("trends/", { ...asked(whole), resolution: fineness, timezone: zone });
  if (!points) return;
  hide(at("course"), points.length === 0);
  hide(at("names"), points.length === 0);
  put(at("course-note"), points.length ? say(`course.by.${fineness}`) : say("course.none"));
  if (!points.length) return;
  const span = { ...whole, since: new Date(Math.max(whole.since, new Date(points[0].start))) };
  at("names").replaceChildren(...MOODS.map((mood) => {
    const name = make("li", "", make("i"), say(`mood.${mood}`));
    style(name, "--mood", `var(--${mood})`);
    return name;
  }));
  const label = say("course.label", { from: moment(points[0].start), until: moment(points[points.length - 1].start) });
  await chart(at("course"), label, (colours) => {
    const drawn = lines(points, fineness, span, colours);
    drawn.layout.xaxis.fixedrange = true;
    return drawn;
  });
}

async function showWeek(ours) {
  const found = await ours("heatmap/", { timezone: zone });
  if (!found) return;
  cells = found;
  await drawWeek();
}

async function drawWeek() {
  hide(at("week"), cells.length === 0);
  put(at("week-note"), cells.length ? say("week.note") : say("course.none"));
  if (cells.length) await chart(at("week"), say("week.title"), (colours) => grid(cells, at("measure").value, colours, describe));
}

function describe(cell) {
  const moods = MOODS.map((mood) => `${say(`mood.${mood}`)} ${percent(cell[mood])}`).join("<br>");
  return `${say("week.cell", { day: weekday(cell.weekday, "long"), hour: number(cell.hour) })}<br>${moods}`;
}

async function showBeside(ours) {
  if (id === WORLD) return;
  const found = await ours("compare/", { ...asked(spanOf(chosen, new Date(0))), with: WORLD });
  if (!found) return;
  hide(at("beside"), false);
  put(at("beside-title"), say("beside.title", { name: space.name }));
  put(at("beside-here"), space.name);
  put(at("beside-note"), found.hours_together ? say("beside.note", { count: found.hours_together }) : say("beside.none"));
  at("beside-rows").replaceChildren(...MOODS.map((mood) => row(mood, found)));
}

function row(mood, found) {
  const name = make("th", "", say(`mood.${mood}`));
  name.scope = "row";
  const line = make("tr", "", name, level(found.space.averages[mood]), level(found.with.averages[mood]), make("td", "", turn(found.difference[mood])));
  style(line, "--mood", `var(--${mood})`);
  return line;
}

function level(value) {
  const cell = make("td", "level", make("i"), make("span", "", value === null ? "–" : percent(value)));
  style(cell, "--share", (value ?? 0).toFixed(4));
  return cell;
}

function turn(difference) {
  if (difference === null) return "–";
  if (Math.abs(difference) < ALIKE) return say("beside.alike");
  return `${difference > 0 ? "↑" : "↓"} ${inPoints(Math.abs(difference))}`;
}
