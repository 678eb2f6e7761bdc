// How the four moods went over time: lines that can be zoomed into, down to the minute.

import { chart, MOODS, onZoom } from "../chart.js";
import { at, hide, make, put, set, style } from "../dom.js";
import { get } from "../rest.js";
import { moment, number, percent } from "../units.js";
import { say } from "../words.js";
import { byWeek } from "./by_week.js";
import { lines } from "./lines.js";
import { asked, finenesses, WIDTHS, zone } from "./spans.js";

/** Show the span; dragging over the lines shows that stretch, and a button the whole again. */
export async function showCourse(span, ours, chosen = null, whole = span) {
  const possible = finenesses(span);
  const fineness = possible.includes(chosen) ? chosen : usual(span, possible);
  showFineness(possible, fineness, (other) => showCourse(span, ours, other, whole));
  const points = await ours(() => averages(span, fineness));
  if (!points) return;
  put(at("course-note"), note(points, fineness));
  hide(at("course"), points.length === 0);
  hide(at("whole"), span === whole);
  at("whole").onclick = () => showCourse(whole, ours, null, whole);
  if (!points.length) return;
  await drawCourse(points, fineness, span);
  onZoom(at("course"), (since, until) => showCourse({ ...span, since, until }, ours, null, whole));
}

async function averages(span, fineness) {
  const resolution = fineness === "week" ? "day" : fineness;
  const points = await get("/emotions/api/readings/trends/", { ...asked(span), resolution, timezone: zone });
  return fineness === "week" ? byWeek(points) : points;
}

/** Beyond two weeks hours are a thicket, beyond four months days. */
function usual({ since, until }, possible) {
  const long = [["week", 120], ["day", 14]].find(([name, days]) =>
    until - since > days * WIDTHS.day && possible.includes(name));
  return long?.[0] ?? possible[0] ?? "minute";
}

/** Where there is only one, there is nothing to choose. */
function showFineness(possible, fineness, choose) {
  hide(at("fineness"), possible.length < 2);
  at("fineness").replaceChildren(...possible.map((name) => {
    const button = make("button", "choice", say(`fineness.${name}`));
    button.type = "button";
    set(button, "aria-pressed", String(name === fineness));
    button.addEventListener("click", () => choose(name));
    return button;
  }));
}

function note(points, fineness) {
  if (!points.length) return say("course.none");
  const readings = points.reduce((sum, point) => sum + point.count, 0);
  return say("course.note", { fineness: say(`course.by.${fineness}`), readings: number(readings) });
}

/** What the lines say to those who do not see them. */
function label(points) {
  const means = MOODS.map((mood) => [mood, mean(points, mood)]);
  const said = means.map(([mood, value]) => say("course.mean", { mood: say(`mood.${mood}`), value: percent(value) }));
  const [first, last] = [points[0].start, points[points.length - 1].start];
  return say("course.label", { from: moment(first), until: moment(last), means: said.join(", ") });
}

function mean(points, mood) {
  const total = points.reduce((sum, point) => sum + point.count, 0);
  return points.reduce((sum, point) => sum + point.count * point[mood], 0) / total;
}

/** Draw the lines of a course with their names; a session's page shows the same. */
export async function drawCourse(points, fineness, span) {
  at("names").replaceChildren(...MOODS.map((mood) => {
    const name = make("li", "", make("i"), say(`mood.${mood}`));
    style(name, "--mood", `var(--${mood})`);
    return name;
  }));
  await chart(at("course"), label(points), (colours) => lines(points, fineness, span, colours));
}
