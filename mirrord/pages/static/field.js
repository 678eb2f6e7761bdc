// The colours behind the glass of the plane: what the moods look like, everywhere on it.

import { MOOD_COLOURS, REST_COLOUR, toLab, toRgb } from "./colour.js";

const SIDE = 220;
const SPREAD = 0.55;
const PLACES = [
  [0.72, 0.5, MOOD_COLOURS.joy],
  [0.6, -0.66, MOOD_COLOURS.calm],
  [-0.3, 0.9, MOOD_COLOURS.energy],
  [-0.7, -0.5, MOOD_COLOURS.melancholy],
];

/** A canvas with the colour of each place, the centre of the plane in its middle. */
export function paintField() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(SIDE, SIDE);
  const labs = PLACES.map(([x, y, colour]) => [x, y, toLab(colour)]);
  const rest = toLab(REST_COLOUR);
  for (let row = 0; row < SIDE; row += 1) {
    for (let column = 0; column < SIDE; column += 1) {
      const x = (2 * column) / (SIDE - 1) - 1;
      const y = 1 - (2 * row) / (SIDE - 1);
      image.data.set([...toRgb(blend(labs, rest, x, y)), 255], 4 * (row * SIDE + column));
    }
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}

function blend(labs, rest, x, y) {
  let weight = 0.9 * Math.exp(-(x * x + y * y) / 0.1);
  let total = weight;
  const sum = rest.map((one) => one * weight);
  for (const [px, py, lab] of labs) {
    weight = Math.exp(-((x - px) ** 2 + (y - py) ** 2) / SPREAD) ** 1.6;
    total += weight;
    for (let axis = 0; axis < 3; axis += 1) sum[axis] += weight * lab[axis];
  }
  return sum.map((one) => one / total);
}

/** A tile of faint noise, which keeps soft light from showing steps. */
export function paintGrain(side = 128) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(side, side);
  for (let at = 0; at < image.data.length; at += 4) {
    const tone = Math.random() < 0.5 ? 0 : 255;
    image.data.set([tone, tone, tone, Math.random() * 14], at);
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}
