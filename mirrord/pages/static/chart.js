// Charts by plotly.js, loaded when the first one is shown and drawn in the page's own colours.

import { language } from "./words.js";

export const MOODS = ["joy", "calm", "energy", "melancholy"];
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const drawn = new Map();
let library;

for (const change of [dark, matchMedia("(prefers-contrast: more)")]) {
  change.addEventListener("change", () => drawn.forEach((draw) => draw()));
}

const load = () => (library ??= import("/charts/plotly.js").then(() => window.Plotly));

/**
 * Draw into `place` what `figure(colours)` returns, `{ data, layout }`; drawn anew when the page's
 * colours change. `label` is what a chart says to those who do not see it.
 */
export async function chart(place, label, figure) {
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", label);
  const plotly = await load();
  const draw = () => {
    const colours = coloursOf(place);
    const { data, layout } = figure(colours);
    return plotly.react(place, data, dressed(layout, colours), {
      displayModeBar: false,
      responsive: true,
      scrollZoom: false,
      doubleClick: false,
      showTips: false, // they are written as HTML, which the page does not allow
      locale: language,
    });
  };
  drawn.set(place, draw);
  await draw();
}

/** Call `hear(from, to)` with the dates of a stretch that is chosen by dragging over the chart. */
export function onZoom(place, hear) {
  place.removeAllListeners("plotly_relayout");
  place.on("plotly_relayout", (change) => {
    const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (from !== undefined && to !== undefined) hear(new Date(from), new Date(to));
  });
}

function dressed(layout, colours) {
  const axis = { gridcolor: colours.line, zerolinecolor: colours.line, linecolor: colours.line, tickfont: { color: colours.soft }, fixedrange: true, showline: false, ticks: "outside", ticklen: 8, tickcolor: "transparent" };
  return {
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    font: { family: "Mirror Sans, system-ui, sans-serif", size: 13, color: colours.ink },
    margin: { l: 44, r: 8, t: 8, b: 36 },
    dragmode: layout.xaxis?.fixedrange === false ? "zoom" : false,
    showlegend: false,
    hoverlabel: { bgcolor: colours.paper, bordercolor: colours.line, font: { color: colours.ink, family: "Mirror Sans, system-ui, sans-serif" } },
    transition: still.matches ? undefined : { duration: 0 },
    ...layout,
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
  };
}

const WANTED = ["ink", "soft", "line", "paper", ...MOODS];
const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });

/** The page's colours as plotly reads them: it knows neither oklch() nor light-dark(). */
function coloursOf(place) {
  const probe = document.createElement("i");
  place.parentElement.append(probe);
  const found = Object.fromEntries(WANTED.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, plain(getComputedStyle(probe).color)];
  }));
  probe.remove();
  return found;
}

function plain(colour) {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`;
}

/** The same colour, thinner. */
export const faded = (colour, share) => colour.replace(/[\d.]+\)$/, (alpha) => `${(parseFloat(alpha) * share).toFixed(3)})`);
