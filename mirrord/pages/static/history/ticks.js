// The marks below a line of time: round moments of the reader's clock, as people of this place write them.

import { clock, shortDay, shortMonth } from "../units.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];

/** Plotly draws the digits that it gets: a moment as the reader's clock shows it. */
export function local(when) {
  const date = new Date(when);
  return new Date(date - date.getTimezoneOffset() * MINUTE).toISOString().slice(0, -1);
}

/** Where the marks of a span stand and what they say, as plotly's axis wants them. */
export function ticks({ since, until }) {
  const most = innerWidth < 600 ? 4 : 9;
  const step = STEPS.find((one) => (until - since) / one <= most);
  const places = step ? even(since, until, step) : months(since, until, most);
  return { tickmode: "array", tickvals: places.map(local), ticktext: places.map((place) => name(place, step)) };
}

function even(since, until, step) {
  const first = new Date(since);
  first.setHours(0, 0, 0, 0);
  const places = [];
  for (let place = first; place <= until; place = next(place, step)) if (place >= since) places.push(place);
  return places;
}

/** A day on is the same hour of the next day, however long the clocks make that. */
function next(place, step) {
  if (step < DAY) return new Date(place.getTime() + step);
  const later = new Date(place);
  later.setDate(later.getDate() + step / DAY);
  return later;
}

function months(since, until, most) {
  const all = [];
  for (let place = new Date(since.getFullYear(), since.getMonth() + 1); place <= until; place = new Date(place.getFullYear(), place.getMonth() + 1)) all.push(place);
  const each = Math.ceil(all.length / most);
  return all.filter((_, index) => index % each === 0);
}

function name(place, step) {
  if (!step) return shortMonth(place);
  return step < DAY && place.getHours() + place.getMinutes() > 0 ? clock(place) : shortDay(place);
}
