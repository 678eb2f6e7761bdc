// How the four moods went over time: lines that can be zoomed into, down to the minute.

import { chart, faded, MOODS, onZoom } from "../chart.js";
import { at, hide, make, put, set, style } from "../dom.js";
import { get } from "../rest.js";
import { moment, number, percent } from "../units.js";
import { say } from "../words.js";
import { asked, finenesses, WIDTHS, zone } from "./spans.js";
import { local, ticks } from "./ticks.js";

const GAP = 1.5; // a line does not cross what is missing

/** Show the span; dragging over the lines shows that stretch, and a button the whole again. */
export async function showCourse(span, ours, chosen = null, whole = span) {
  const possible = finenesses(span);
  const fineness = possible.includes(chosen) ? chosen : usual(span, possible);
  showFineness(possible, fineness, (other) => showCourse(span, ours, other, whole));
  const points = await ours(() =>
    get("/emotions/api/readings/trends/", { ...asked(span), resolution: fineness, timezone: zone }));
  if (!points) return;
  put(at("course-note"), note(points, fineness));
  hide(at("course"), points.length === 0);
  hide(at("whole"), span === whole);
  at("whole").onclick = () => showCourse(whole, ours, null, whole);
  if (!points.length) return;
  await drawCourse(points, fineness, span);
  onZoom(at("course"), (since, until) => showCourse({ ...span, since, until }, ours, null, whole));
}

/** Beyond two weeks, hours are a thicket. */
function usual({ since, until }, possible) {
  return until - since > 14 * WIDTHS.day && possible.includes("day") ? "day" : possible[0] ?? "minute";
}

function showFineness(possible, fineness, choose) {
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

function lines(points, fineness, span, colours) {
  const { x, rows } = withGaps(points, WIDTHS[fineness]);
  return {
    // What was not read is crossed faintly, so that the eye finds the next reading.
    data: MOODS.flatMap((mood) => [
      { ...line(mood, x, rows, faded(colours[mood], 0.22), 1), connectgaps: true, hoverinfo: "skip" },
      {
        ...line(mood, x, rows, colours[mood], 2),
        mode: points.length < 40 ? "lines+markers" : "lines",
        marker: { size: 6, color: colours[mood] },
        customdata: rows.map((row) => row && [moment(row.start), percent(row[mood])]),
        hovertemplate: `${say(`mood.${mood}`)} %{customdata[1]}<br>%{customdata[0]}<extra></extra>`,
      },
    ]),
    layout: {
      hovermode: "closest",
      xaxis: { type: "date", range: [span.since, span.until].map(local), fixedrange: false, showgrid: false, ...ticks(span) },
      yaxis: { rangemode: "tozero", tickformat: ".0%", nticks: 5, zeroline: false },
    },
  };
}

const line = (mood, x, rows, color, width) => ({
  x,
  y: rows.map((row) => row && row[mood]),
  type: "scatter",
  mode: "lines",
  line: { color, width, shape: "spline", smoothing: 0.5 },
});

function withGaps(points, width) {
  const x = [];
  const rows = [];
  let before = null;
  for (const point of points) {
    const start = new Date(point.start).getTime();
    if (before !== null && start - before > GAP * width) {
      x.push(local(before + width));
      rows.push(null);
    }
    x.push(local(start));
    rows.push(point);
    before = start;
  }
  return { x, rows };
}
