// Colours in OKLab (Björn Ottosson 2020): a blend has no hue of its own, and equal steps look equal.

/** Each mood's colour, the same that the lamps take. */
export const MOOD_COLOURS = { joy: "#FFC93C", calm: "#4FB8C9", energy: "#FF5A2B", melancholy: "#7B5BD6" };
export const REST_COLOUR = "#FFD9A8";

const bend = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const unbend = (value) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

/** "#RRGGBB" to [L, a, b]. */
export function toLab(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => bend(parseInt(hex.slice(at, at + 2), 16) / 255));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** [L, a, b] to red, green and blue, 0..255 each. */
export function toRgb([L, a, b]) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((one) => 255 * unbend(Math.min(1, Math.max(0, one))));
}

export const css = (lab, alpha = 1) => {
  const [r, g, b] = toRgb(lab);
  return `rgb(${r.toFixed(1)} ${g.toFixed(1)} ${b.toFixed(1)} / ${alpha.toFixed(3)})`;
};

export const mix = (one, other, share) => one.map((value, at) => value + share * (other[at] - value));

export const lighter = (lab, by) => [Math.min(1, lab[0] + by), lab[1], lab[2]];
