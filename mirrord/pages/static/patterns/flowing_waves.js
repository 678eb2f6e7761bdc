// Joy: veils of silk in a warm wind, lit from behind.

import { css, lighter, mix } from "../colour.js";

const VEILS = [
  { height: 0.34, swing: 0.2, long: 0.9, pace: 0.33, lean: 1.1, turn: 0.42, open: 0.3 },
  { height: 0.5, swing: 0.25, long: 0.7, pace: -0.24, lean: 1.7, turn: -0.05, open: 0.36 },
  { height: 0.66, swing: 0.18, long: 1.2, pace: 0.4, lean: 0.8, turn: 0.75, open: 0.24 },
];
const FEWEST = 18;
const MOST = 44;
const STEPS = 96;

export class FlowingWaves {
  draw(view) {
    this.sun(view);
    const threads = Math.round(FEWEST + (MOST - FEWEST) * Math.min(1, view.count / 1500));
    for (const [at, veil] of VEILS.entries()) this.veil(view, veil, at, threads);
  }

  /** The light behind the silk, passing slowly from side to side. */
  sun({ pen, width, height, phase, colour, weight, intensity }) {
    const x = width * (0.5 + 0.2 * Math.sin(0.09 * phase + 0.6));
    const y = height * 0.48;
    const light = pen.createRadialGradient(x, y, 0, x, y, 0.72 * width);
    const core = turned(colour, 0.5);
    for (const [stop, alpha] of [[0, 0.5], [0.16, 0.33], [0.4, 0.14], [0.7, 0.035], [1, 0]]) {
      light.addColorStop(stop, css(core, alpha * weight * (0.3 + 0.7 * intensity)));
    }
    pen.fillStyle = light;
    pen.fillRect(0, 0, width, height);
  }

  veil(view, veil, at, threads) {
    const { pen, width, ratio, weight, intensity, colour } = view;
    const silk = turned(colour, veil.turn);
    const body = pen.createLinearGradient(0, 0, width, 0);
    const shimmer = 0.5 + 0.5 * Math.sin(0.2 * view.phase + 2.2 * at);
    for (const [stop, alpha] of [[0, 0.05], [0.25 + 0.3 * shimmer, 0.3], [0.72, 0.1], [1, 0.2]]) body.addColorStop(stop, css(silk, alpha * weight));
    pen.fillStyle = body;
    pen.beginPath();
    this.edge(view, veil, at, 0, false);
    this.edge(view, veil, at, 1, true);
    pen.fill();
    pen.lineWidth = 1.1 * ratio;
    pen.lineJoin = "round";
    for (let thread = 0; thread < threads; thread += 1) {
      const along = thread / (threads - 1);
      const shade = mix(silk, lighter(turned(colour, 0.1), 0.13), along ** 2.2);
      const seam = along < 0.02 || along > 0.98 ? 0.5 : 0.3 * Math.sin(Math.PI * along) ** 0.6;
      pen.strokeStyle = css(shade, weight * (0.1 + seam * (0.4 + 0.6 * intensity)) * Math.min(1, (24 / threads) ** 0.5));
      pen.beginPath();
      this.edge(view, veil, at, along, false);
      pen.stroke();
    }
  }

  /** Walk along one thread of the veil, `along` from its upper seam (0) to its lower (1). */
  edge({ pen, width, height, phase }, veil, at, along, back) {
    const time = phase * veil.pace;
    for (let step = 0; step <= STEPS; step += 1) {
      const u = -0.02 + (1.04 * (back ? STEPS - step : step)) / STEPS;
      const slow = Math.sin(2.3 * veil.long * u + time + 1.7 * at);
      const fold = Math.sin(5.4 * veil.long * u - 0.8 * time + veil.lean * 2.4 * along + 0.9 * slow);
      const fine = Math.sin(9.5 * u + 1.3 * time - 3.1 * along + at);
      const open = veil.open * (0.22 + 0.78 * Math.sin(2.6 * u + 0.5 * time + 2.1 * at) ** 2);
      const y = height * (veil.height + veil.swing * (0.5 * slow + 0.34 * fold) + (along - 0.5) * open + 0.014 * fine);
      if (step === 0 && !back) pen.moveTo(u * width, y);
      else pen.lineTo(u * width, y);
    }
  }
}

/** A neighbour of the colour: positive turns go towards rose, negative towards green. */
function turned([L, a, b], turn) {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return [L * (1 - 0.16 * Math.abs(turn)), a * cos + b * sin, b * cos - a * sin];
}
