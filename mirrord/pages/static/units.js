// Numbers, dates and units as people of this place write them.

import { chosen, language } from "./words.js";

// Countries that measure warmth in degrees Fahrenheit.
const FAHRENHEIT = new Set(["US", "BS", "BZ", "KY", "LR", "PW", "FM", "MH"]);

let place = "";
let fahrenheit = false;
let formats = new Map();
useLocale("auto");

/** Use the mirror's locale, unless this reader chose a language or it is "auto"; a country that it
    does not name is the browser's. */
export function useLocale(locale) {
  const tag = chosen || locale === "auto" ? language : locale.replace("_", "-");
  const own = navigator.languages.find((one) => one.split("-")[0] === tag.split("-")[0]);
  const wanted = tag.includes("-") ? tag : own ?? tag;
  if (wanted === place) return;
  place = wanted;
  fahrenheit = FAHRENHEIT.has(new Intl.Locale(place).region);
  formats = new Map();
}

function format(options, value) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(place, options));
  return formats.get(key).format(value);
}

const unit = (name, value, digits = 0, display = "short") =>
  format({ style: "unit", unit: name, unitDisplay: display, minimumFractionDigits: digits, maximumFractionDigits: digits }, value);

export const number = (value, digits = 0) =>
  format({ minimumFractionDigits: digits, maximumFractionDigits: digits }, value);

export const signed = (value) =>
  format({ minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" }, value);

export const percent = (value) => format({ style: "percent", maximumFractionDigits: 0 }, value);

/** A difference of two shares, in per cent points. */
export const points = (value) => number(100 * value);

const degrees = (celsius) => (fahrenheit ? celsius * 1.8 + 32 : celsius);

export const temperature = (celsius) => unit(fahrenheit ? "fahrenheit" : "celsius", degrees(celsius), 1);

/** The bare number with a degree sign, for large type. */
export const bareTemperature = (celsius) => number(degrees(celsius), 1) + "°";

export const hertz = (value) => number(value) + " Hz";

export const milliseconds = (value) => unit("millisecond", value, value < 10 ? 1 : 0);

export const seconds = (value) => unit("second", value, 1);

export const megabytes = (bytes) => unit("megabyte", bytes / 1e6, bytes < 1e7 ? 1 : 0);

export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return unit("second", whole);
  if (whole < 3600) return unit("minute", Math.floor(whole / 60));
  const minutes = Math.floor((whole % 3600) / 60);
  return [unit("hour", Math.floor(whole / 3600)), ...(minutes ? [unit("minute", minutes)] : [])].join(" ");
}

function date(options, when) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(place, options));
  return formats.get(key).format(new Date(when));
}

export const clock = (when) => date({ hour: "numeric", minute: "2-digit" }, when);

export const clockSeconds = (when) => date({ timeStyle: "medium" }, when);

export const day = (when) => date({ weekday: "short", day: "numeric", month: "short" }, when);

export const shortDay = (when) => date({ weekday: "short", day: "numeric" }, when);

export const shortMonth = (when) => date({ month: "short", year: "2-digit" }, when);

export const longDay = (when) => date({ dateStyle: "long" }, when);

/** A day and a time, to the minute. */
export const moment = (when) => date({ dateStyle: "medium", timeStyle: "short" }, when);

/** The name of a day of the week; 0 is Monday. */
export const weekday = (index, width = "short") => date({ weekday: width, timeZone: "UTC" }, Date.UTC(2024, 0, 1 + index));

const NOTES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** The nearest note of equal temperament, A4 = 440 Hz. */
export function note(frequency) {
  const key = Math.round(12 * Math.log2(frequency / 440)) + 69;
  return NOTES[key % 12] + (Math.floor(key / 12) - 1);
}
