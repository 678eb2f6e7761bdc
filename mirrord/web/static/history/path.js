// The way through the plane of valence and arousal: where the mood was, from the oldest to the newest.

import { chart, faded } from "../chart.js";
import { at, hide } from "../dom.js";
import { get } from "../rest.js";
import { moment, signed } from "../units.js";
import { say } from "../words.js";
import { asked } from "./spans.js";

const CORNERS = [["joy", 0.72, 0.72], ["energy", -0.72, 0.72], ["melancholy", -0.72, -0.72], ["calm", 0.72, -0.72]];

export async function showPath(span, ours) {
  const points = await ours(() => get("/emotions/api/readings/trajectory/", asked(span)));
  if (!points) return;
  hide(at("path"), points.length === 0);
  if (!points.length) return;
  const last = points[points.length - 1];
  const label = say("path.label", { valence: signed(last.valence), arousal: signed(last.arousal) });
  await chart(at("path"), label, (colours) => plane(points, colours));
}

function plane(points, colours) {
  const age = points.map((_, index) => index / Math.max(1, points.length - 1));
  return {
    data: [{
      x: points.map((point) => point.valence),
      y: points.map((point) => point.arousal),
      customdata: points.map((point) => [moment(point.start), signed(point.valence), signed(point.arousal)]),
      type: "scatter",
      mode: "lines+markers",
      line: { color: faded(colours.ink, 0.28), width: 1, shape: "spline", smoothing: 0.6 },
      marker: {
        size: age.map((one) => 4 + 6 * one),
        opacity: age.map((one) => 0.25 + 0.75 * one),
        color: points.map((point) => nearest(point, colours)),
        line: { width: age.map((one) => (one === 1 ? 2 : 0)), color: colours.ink },
      },
      hovertemplate: "%{customdata[0]}<br>%{customdata[1]} / %{customdata[2]}<extra></extra>",
    }],
    layout: {
      margin: { l: 8, r: 8, t: 8, b: 8 },
      xaxis: { range: [-1.06, 1.06], showgrid: false, zeroline: true, showticklabels: false },
      yaxis: { range: [-1.06, 1.06], showgrid: false, zeroline: true, showticklabels: false, scaleanchor: "x" },
      shapes: [1, 0.5].map((radius) => ({ type: "circle", x0: -radius, x1: radius, y0: -radius, y1: radius, line: { color: colours.line, width: 1 } })),
      annotations: [...CORNERS.map((corner) => word(corner, colours)), ...axes(colours)],
    },
  };
}

const word = ([mood, x, y], colours) => ({
  x: 0.86 * x, y: 0.86 * y, text: say(`mood.${mood}`), showarrow: false, font: { family: "Mirror Serif, Georgia, serif", size: 17, color: colours.soft },
});

function axes({ soft }) {
  const names = [["plane.right", 0.97, 0, "right", "bottom"], ["plane.left", -0.97, 0, "left", "bottom"], ["plane.top", 0, 0.97, "left", "top"], ["plane.bottom", 0, -0.97, "left", "bottom"]];
  return names.map(([key, x, y, xanchor, yanchor]) => ({ x, y, xanchor, yanchor, text: say(key), showarrow: false, font: { size: 12, color: soft } }));
}

function nearest({ valence, arousal }, colours) {
  if (arousal >= 0) return valence >= 0 ? colours.joy : colours.energy;
  return valence >= 0 ? colours.calm : colours.melancholy;
}

