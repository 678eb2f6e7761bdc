// When in the week which mood is at home: seven days by twenty-four hours.

import { chart, faded, MOODS } from "../chart.js";
import { at, hide, make, put } from "../dom.js";
import { get } from "../rest.js";
import { number, percent, weekday } from "../units.js";
import { say } from "../words.js";
import { asked, zone } from "./spans.js";

const HOURS = [...Array(24).keys()];
const DAYS = [...Array(7).keys()];
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
  if (cells.length) await chart(at("week"), busiest(), (colours) => grid(at("measure").value, colours));
}

function busiest() {
  const most = cells.reduce((one, other) => (other.count > one.count ? other : one));
  return say("week.note", { day: weekday(most.weekday, "long"), hour: number(most.hour), mood: say(`mood.${most.dominant_emotion}`) });
}

function grid(measure, colours) {
  const by = new Map(cells.map((cell) => [`${cell.weekday} ${cell.hour}`, cell]));
  const table = (value) => DAYS.map((day) => HOURS.map((hour) => {
    const cell = by.get(`${day} ${hour}`);
    return cell ? value(cell) : null;
  }));
  const dominant = measure === "dominant";
  return {
    data: [{
      type: "heatmap",
      x: HOURS,
      y: DAYS.map((day) => weekday(day)),
      z: table((cell) => (dominant ? MOODS.indexOf(cell.dominant_emotion) : cell[measure])),
      text: table((cell) => describe(cell)),
      zmin: 0,
      zmax: dominant ? 3 : Math.max(0.01, ...cells.map((cell) => cell[measure])),
      colorscale: dominant ? steps(colours) : [[0, faded(colours[measure], 0.06)], [1, colours[measure]]],
      showscale: false,
      xgap: 3,
      ygap: 3,
      hoverongaps: false,
      hovertemplate: "%{text}<extra></extra>",
    }],
    layout: {
      margin: { l: 44, r: 8, t: 4, b: 30 },
      xaxis: { showgrid: false, zeroline: false, dtick: 3, tick0: 0, range: [-0.5, 23.5] },
      yaxis: { showgrid: false, zeroline: false, autorange: "reversed" },
    },
  };
}

/** Four plain colours instead of a gradient. */
const steps = (colours) => MOODS.flatMap((mood, index) => [[index / 4, colours[mood]], [(index + 1) / 4, colours[mood]]]);

function describe(cell) {
  const moods = MOODS.map((mood) => `${say(`mood.${mood}`)} ${percent(cell[mood])}`).join("<br>");
  const when = say("week.cell", { day: weekday(cell.weekday, "long"), hour: number(cell.hour), readings: number(cell.count) });
  return `${when}<br>${moods}`;
}
