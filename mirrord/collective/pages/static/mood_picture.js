// A figure as what the picture shows, and in words.

import { MOOD_COLOURS, toLab, toRgb } from "./colour.js";
import { say } from "./words.js";

export const MOODS = Object.keys(MOOD_COLOURS);
const PATTERNS = { joy: "flowing_waves", calm: "gentle_ripples", energy: "dynamic_particles", melancholy: "slow_drift" };
const EVEN = 0.06; // so near, two moods lead together
const DEEP = 0.6; // from this share on a mood is all there is

/** The shares of the moods in a figure; they add up to 1. */
export function sharesOf(figure) {
  const values = MOODS.map((mood) => Math.max(0, figure[`collective_${mood}`]));
  const total = values.reduce((sum, value) => sum + value, 0);
  return Object.fromEntries(MOODS.map((mood, index) => [mood, total ? values[index] / total : 0.25]));
}

/** What `Picture.show` takes: the colours of the moods blended, the pattern of the one that leads. */
export function pictureOf(figure) {
  if (!figure) return { environment: null, controls: { hand: false, camera: true } };
  const shares = sharesOf(figure);
  const colour = blend(shares);
  const [first, second] = ranked(shares);
  const environment = {
    present: true,
    visual_pattern: shares[first] - shares[second] < 0.02 ? "ambient_float" : PATTERNS[first],
    lighting_color: hex(colour),
    background_color: hex([0.2 * colour[0] + 0.05, 0.42 * colour[1], 0.42 * colour[2]]),
    lighting_intensity: 0.45 + 0.45 * shares[first],
    particle_count: Math.round(260 + 320 * Math.log10(Math.max(1, figure.active_sessions))),
    animation_speed: 0.35 + 0.45 * (1 + (figure.arousal ?? 0)),
  };
  return { environment, controls: { hand: false, camera: true } };
}

/** The figure as one sentence about a place. */
export function sentence(figure, place) {
  const shares = sharesOf(figure);
  const [first, second] = ranked(shares);
  if (shares[first] >= DEEP) return say(`figure.full.${first}`, { place });
  if (shares[first] - shares[second] >= EVEN) return say(`figure.mostly.${first}`, { place });
  return say("figure.between", { place, one: say(`figure.noun.${first}`), other: say(`figure.noun.${second}`) });
}

export const ranked = (shares) => [...MOODS].sort((one, other) => shares[other] - shares[one]);

/** Strong moods count for more: an average of all four colours would be grey. */
function blend(shares) {
  const weights = MOODS.map((mood) => shares[mood] ** 3);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return [0, 1, 2].map((axis) => MOODS.reduce((sum, mood, at) => sum + (weights[at] / total) * toLab(MOOD_COLOURS[mood])[axis], 0));
}

const hex = (lab) => `#${toRgb(lab).map((one) => Math.round(one).toString(16).padStart(2, "0")).join("")}`;
