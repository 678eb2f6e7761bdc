// A week as seven days by twenty-four hours, the same for a mirror and for many.

import { faded, MOODS } from "../chart.js";
import { weekday } from "../units.js";

const HOURS = [...Array(24).keys()];
const DAYS = [...Array(7).keys()];

/** Cells of a week, with what `describe(cell)` says of each, as plotly wants them. */
export function grid(cells, measure, colours, describe) {
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
