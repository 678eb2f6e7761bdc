// The four moods over time as lines, the same for a mirror and for many.

import { faded, MOODS } from "../chart.js";
import { moment, percent } from "../units.js";
import { say } from "../words.js";
import { WIDTHS } from "./spans.js";
import { local, ticks } from "./ticks.js";

const GAP = 1.5; // a line does not cross what is missing

/** The lines of the four moods over a span, as plotly wants them. */
export function lines(points, fineness, span, colours) {
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
      yaxis: { rangemode: "tozero", tickformat: ".0f", ticksuffix: percent(0).slice(1), nticks: 5, zeroline: false },
    },
  };
}

const line = (mood, x, rows, color, width) => ({
  x,
  y: rows.map((row) => row && 100 * row[mood]),
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
