// Melancholy: ridge behind ridge in the fog of dusk, drifting by, and a little snow.

import { css, lighter, mix } from "../colour.js";
import { chance, softLight } from "./chance.js";

const MOST = 600;
const RIDGES = 6;
const STEPS = 110;

export class SlowDrift {
  constructor() {
    const random = chance(29);
    this.flakes = Array.from({ length: MOST }, () => ({ x: random(), y: random(), near: random() ** 3, sway: 6.3 * random(), own: 0.7 + 0.6 * random() }));
    this.ridges = Array.from({ length: RIDGES }, (_, index) => ({
      near: index / (RIDGES - 1),
      from: 40 * random(),
      way: index % 2 ? 1 : 0.8,
      bumps: [1, 2.3, 4.9, 10.7, 23].map((scale) => ({ scale: scale * (1.15 - (0.5 * index) / RIDGES), turn: 6.3 * random() })),
    }));
    this.layer = document.createElement("canvas");
    this.key = "";
  }

  /** Ridges hide what is behind them, so the picture fades in as a whole. */
  draw(view) {
    const { pen, width, height, weight } = view;
    if (weight > 0.99) {
      this.paint(view);
      return;
    }
    if (this.layer.width !== width || this.layer.height !== height) Object.assign(this.layer, { width, height });
    this.paint({ ...view, pen: this.layer.getContext("2d"), weight: 1 });
    pen.globalCompositeOperation = "source-over";
    pen.globalAlpha = weight;
    pen.drawImage(this.layer, 0, 0);
  }

  rest() {
    if (this.layer.width) this.layer.width = this.layer.height = 0;
  }

  paint(view) {
    view.pen.globalCompositeOperation = "source-over";
    this.prepare(view.colour);
    this.sky(view);
    for (const ridge of this.ridges) this.ridge(view, ridge);
    view.pen.globalCompositeOperation = "lighter";
    this.snow(view);
  }

  /** A flake is drawn again only when the colour has visibly changed. */
  prepare(colour) {
    const key = colour.map((one) => one.toFixed(2)).join();
    if (key === this.key) return;
    this.key = key;
    this.flake = softLight((alpha) => css(lighter(mix(colour, [0.92, 0, 0], 0.6), 0.1), alpha), 64);
  }

  sky({ pen, width, height, colour, deep, weight, intensity }) {
    const fog = this.fog(colour, deep, intensity);
    const sky = pen.createLinearGradient(0, 0, 0, height);
    for (const [stop, share] of [[0, 0.06], [0.16, 0.26], [0.3, 0.74], [0.38, 1], [1, 0.8]]) sky.addColorStop(stop, css(mix(mix([0, 0, 0], deep, 0.55), fog, share), weight));
    pen.globalAlpha = 1;
    pen.fillStyle = sky;
    pen.fillRect(0, 0, width, height);
    const light = pen.createRadialGradient(width * 0.66, height * 0.46, 0, width * 0.66, height * 0.46, width * 0.5);
    for (const [stop, alpha] of [[0, 0.42], [0.25, 0.22], [0.6, 0.06], [1, 0]]) light.addColorStop(stop, css(lighter(colour, 0.1), alpha * weight * (0.4 + intensity)));
    pen.fillStyle = light;
    pen.fillRect(0, 0, width, height);
  }

  fog(colour, deep, intensity) {
    return mix(deep, [colour[0] * 0.92, colour[1] * 0.7, colour[2] * 0.7], 0.62 + 0.34 * intensity);
  }

  ridge(view, { near, from, way, bumps }) {
    const { pen, width, height, phase, colour, deep, weight, intensity } = view;
    const top = height * (0.4 + 0.43 * near ** 1.15);
    const rise = height * (0.1 + 0.1 * near);
    const shift = from + way * (0.006 + 0.03 * near ** 1.6) * phase;
    const fog = this.fog(colour, deep, intensity);
    const rock = mix(fog, mix([0, 0, 0], deep, 0.3), 0.2 + 0.8 * near ** 0.7);
    const body = pen.createLinearGradient(0, top - rise, 0, Math.min(height, top + 0.3 * height));
    body.addColorStop(0, css(rock, weight));
    body.addColorStop(1, css(mix(rock, fog, 0.62 * (1 - near) ** 0.6), weight));
    pen.fillStyle = body;
    pen.beginPath();
    pen.moveTo(-2, height + 2);
    for (let step = 0; step <= STEPS; step += 1) {
      const u = step / STEPS;
      const y = bumps.reduce((sum, { scale, turn }) => sum + Math.sin(scale * (2.4 * u + shift) + turn) / scale ** 0.95, 0);
      pen.lineTo(u * width, top - rise * (0.3 + 0.55 * y));
    }
    pen.lineTo(width + 2, height + 2);
    pen.fill();
  }

  snow({ pen, width, height, phase, weight, count, ratio }) {
    const shown = Math.min(MOST, Math.round(50 + 0.6 * count));
    for (let index = 0; index < shown; index += 1) {
      const { x, y, near, sway, own } = this.flakes[index];
      const fall = (0.014 + 0.05 * near) * own * phase;
      const drift = 0.014 * Math.sin(0.22 * phase * own + sway) - (0.006 + 0.02 * near) * phase;
      const radius = ratio * (1.3 + 3.6 * near);
      pen.globalAlpha = weight * (0.28 + 0.5 * near) * (0.75 + 0.25 * Math.sin(0.5 * phase * own + 3 * sway));
      pen.drawImage(this.flake, wrap(x + drift) * width - radius, wrap(y + fall) * height - radius, 2 * radius, 2 * radius);
    }
  }
}

/** Leave on one side, come back on the other, out of sight. */
function wrap(value) {
  return ((((value + 0.03) % 1.06) + 1.06) % 1.06) - 0.03;
}
