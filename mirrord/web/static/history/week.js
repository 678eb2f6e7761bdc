// When in the week which mood is at home: seven days by twenty-four hours.

import { chart, MOODS } from "../chart.js";
import { at, hide, make, put } from "../dom.js";
import { get } from "../rest.js";
import { number, percent, weekday } from "../units.js";
import { say } from "../words.js";
import { grid } from "./grid.js";
import { asked, zone } from "./spans.js";

let cells = [];

prepare();

export async function showWeek(span, ours) {
  const found = await ours(() => get("/emotions/api/readings/heatmap/", { ...asked(span), timezone: zone }));
  if (!found) return;
  cells = found;
  await draw();
}

function prepare() {
  for (const name of ["dominant", ...MOODS]) {
    const option = make("option", "", say(name === "dominant" ? "week.dominant" : `mood.${name}`));
    option.value = name;
    at("measure").append(option);
  }
  at("measure").addEventListener("change", draw);
}

async function draw() {
  hide(at("week"), cells.length === 0);
  put(at("week-note"), cells.length ? busiest() : say("course.none"));
  if (cells.length) await chart(at("week"), busiest(), (colours) => grid(cells, at("measure").value, colours, describe));
}

function busiest() {
  const most = cells.reduce((one, other) => (other.count > one.count ? other : one));
  return say("week.note", { day: weekday(most.weekday, "long"), hour: number(most.hour), mood: say(`mood.${most.dominant_emotion}`) });
}

function describe(cell) {
  const moods = MOODS.map((mood) => `${say(`mood.${mood}`)} ${percent(cell[mood])}`).join("<br>");
  const when = say("week.cell", { day: weekday(cell.weekday, "long"), hour: number(cell.hour), readings: number(cell.count) });
  return `${when}<br>${moods}`;
}
