// Calm: a still lake of points under a low moon, and now and then a drop.

import { css, lighter, mix } from "../colour.js";
import { chance } from "./chance.js";

const HORIZON = 0.4;
const FAR = 9;
const SHADES = 9;
const DROPS = 4;
const DROP_S = 11;

export class GentleRipples {
  constructor() {
    this.random = chance(11);
    this.drops = Array.from({ length: DROPS }, (_, index) => this.fall({}, -(index * DROP_S) / DROPS));
  }

  fall(drop, since) {
    drop.x = 2.6 * (this.random() - 0.5);
    drop.z = 1.25 + 2.4 * this.random();
    drop.since = since;
    return drop;
  }

  draw(view) {
    this.moon(view);
    this.lake(view);
  }

  moon({ pen, width, height, unit, colour, weight, intensity }) {
    const [x, y, radius] = [width / 2, height * (HORIZON - 0.14), unit * 0.115];
    const pale = lighter(mix(colour, [0.95, 0, 0], 0.45), 0.06);
    const halo = pen.createRadialGradient(x, y, radius * 0.9, x, y, unit * 0.62);
    for (const [stop, alpha] of [[0, 0.34], [0.18, 0.17], [0.45, 0.06], [1, 0]]) halo.addColorStop(stop, css(colour, alpha * weight * (0.5 + intensity)));
    pen.fillStyle = halo;
    pen.fillRect(0, 0, width, height);
    const face = pen.createLinearGradient(x, y - radius, x, y + radius);
    face.addColorStop(0, css(pale, 0.92 * weight));
    face.addColorStop(1, css(colour, 0.5 * weight));
    pen.fillStyle = face;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fill();
  }

  lake(view) {
    const { pen, width, height, unit, phase, count, colour, weight, ratio } = view;
    const rows = Math.round(30 + 44 * Math.min(1, count / 1200));
    const paths = Array.from({ length: SHADES }, () => new Path2D());
    const depth = height * (1 - HORIZON);
    const waves = this.rings(phase);
    for (let row = 0; row < rows; row += 1) {
      const down = ((row + 0.5) / rows) ** 1.35;
      const z = 1 / (down * (1 - 1 / FAR) + 1 / FAR);
      const y = height * HORIZON + depth * down * 1.03;
      const gap = Math.max(5 * ratio, (0.052 * unit) / z ** 0.72);
      const shift = row % 2 ? gap / 2 : 0;
      for (let x = (width / 2) % gap + shift - gap; x < width + gap; x += gap) {
        const along = ((x - width / 2) / unit) * z * 1.25;
        const lift = swell(along, z, phase, waves);
        const shine = this.shine(x, width, unit, z, lift);
        const size = ratio * (0.7 + 1.9 / z) * (0.8 + 0.5 * shine);
        const path = paths[Math.min(SHADES - 1, Math.floor(shine * SHADES))];
        path.rect(x, y - (lift * unit * 0.032) / z, size * 1.9, size);
      }
    }
    paths.forEach((path, shade) => {
      const bright = (shade + 0.6) / SHADES;
      pen.fillStyle = css(mix(colour, lighter(colour, 0.2), bright), weight * (0.1 + 0.86 * bright ** 1.4));
      pen.fill(path);
    });
  }

  /** How bright a point is: the moon's path on the water, broken by the waves. */
  shine(x, width, unit, z, lift) {
    const off = (x - width / 2) / (unit * (0.13 + 0.16 / z));
    const path = Math.exp(-off * off * 0.8);
    const slope = 0.5 + 0.5 * Math.tanh(1.7 * lift);
    return Math.min(0.999, 0.04 + slope ** 2 * (0.3 + 0.22 / z) + path * (0.16 + 0.62 * slope ** 1.5));
  }

  rings(phase) {
    const seconds = 1.6 * phase;
    for (const drop of this.drops) if (seconds - drop.since > DROP_S) this.fall(drop, seconds);
    return this.drops.map(({ x, z, since }) => ({ x, z, age: seconds - since })).filter(({ age }) => age > 0);
  }
}

function swell(x, z, phase, rings) {
  let lift = 0.22 * Math.sin(1.7 * x + 0.9 * z + 0.7 * phase) + 0.16 * Math.sin(3.1 * z - 1.1 * x - 0.9 * phase) + 0.1 * Math.sin(7 * x + 5 * z + 1.3 * phase);
  for (const ring of rings) {
    const far = Math.hypot(x - ring.x, 0.8 * (z - ring.z));
    const front = far - 0.3 * ring.age;
    if (front > 0.25 || front < -1.3) continue;
    const fade = Math.exp(-0.26 * ring.age) * Math.exp(-6 * Math.max(0, front) - 1.5 * Math.max(0, -front));
    lift += 2.1 * fade * Math.cos(15 * front);
  }
  return lift;
}
