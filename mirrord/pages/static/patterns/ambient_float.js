// At rest: a sphere of points that turns slowly and breathes, with a few motes around it.

import { css, lighter, mix } from "../colour.js";

const MOST = 2000;
const SHADES = 8;
const MOTES = 70;
const GOLDEN = Math.PI * (3 - Math.sqrt(5));
const TILT = 0.42;

export class AmbientFloat {
  draw(view) {
    this.glow(view);
    this.sphere(view);
    this.motes(view);
  }

  glow({ pen, width, height, unit, colour, weight, intensity }) {
    const light = pen.createRadialGradient(width / 2, height / 2, 0, width / 2, height / 2, unit * 0.62);
    for (const [stop, alpha] of [[0, 0.2], [0.3, 0.13], [0.6, 0.045], [1, 0]]) light.addColorStop(stop, css(colour, alpha * weight * (0.5 + intensity)));
    pen.fillStyle = light;
    pen.fillRect(0, 0, width, height);
  }

  sphere({ pen, width, height, unit, phase, count, colour, weight, ratio }) {
    const total = Math.min(MOST, Math.round(420 + 1.3 * count));
    const paths = Array.from({ length: SHADES }, () => new Path2D());
    const turn = 0.16 * phase;
    const [cosT, sinT] = [Math.cos(TILT), Math.sin(TILT)];
    for (let index = 0; index < total; index += 1) {
      const up = 1 - (2 * (index + 0.5)) / total;
      const round = Math.sqrt(1 - up * up);
      const angle = index * GOLDEN + turn;
      const [px, pz] = [round * Math.cos(angle), round * Math.sin(angle)];
      const swell = 1 + 0.055 * Math.sin(3.1 * px + 0.8 * phase) * Math.sin(2.7 * up - 0.6 * phase) + 0.06 * Math.sin(5 * pz + 4 * up + 0.5 * phase);
      const y = up * cosT - pz * sinT;
      const z = up * sinT + pz * cosT;
      const near = 0.5 + 0.5 * z;
      const reach = unit * 0.31 * swell * (0.9 + 0.14 * near);
      const size = ratio * (0.55 + 1.9 * near ** 2) * (unit / ratio > 700 ? 1 : 0.8);
      const shade = Math.min(SHADES - 1, Math.floor(near * (0.55 + 5.5 * Math.max(0, swell - 0.98)) * SHADES));
      const [sx, sy] = [width / 2 + px * reach, height / 2 - y * reach];
      paths[shade].moveTo(sx + size, sy);
      paths[shade].arc(sx, sy, size, 0, 2 * Math.PI);
    }
    paths.forEach((path, shade) => {
      const bright = (shade + 0.5) / SHADES;
      pen.fillStyle = css(mix(colour, lighter(colour, 0.18), bright), weight * (0.12 + 0.85 * bright ** 1.2));
      pen.fill(path);
    });
  }

  /** Each on an orbit of its own, tilted like the sphere. */
  motes({ pen, width, height, unit, phase, colour, weight, ratio }) {
    pen.fillStyle = css(lighter(colour, 0.1), 0.5 * weight);
    pen.beginPath();
    for (let index = 0; index < MOTES; index += 1) {
      const angle = index * GOLDEN * 5 + (0.05 + 0.07 * ((index * 0.618) % 1)) * phase;
      const reach = unit * (0.4 + 0.34 * ((index * 0.755) % 1));
      const lift = unit * 0.09 * Math.sin(0.31 * phase + 2.4 * index) + unit * 0.05 * Math.cos(5.1 * index);
      const depth = Math.sin(angle);
      const size = ratio * (0.7 + 0.7 * (0.5 + 0.5 * depth));
      const [x, y] = [width / 2 + reach * Math.cos(angle), height / 2 + reach * depth * Math.sin(TILT) * 0.8 + lift];
      pen.moveTo(x + size, y);
      pen.arc(x, y, size, 0, 2 * Math.PI);
    }
    pen.fill();
  }
}
