// Many, none of them anybody: motes in the moods' colours, as many of each as its share, in one stream.

import { css, lighter, MOOD_COLOURS, toLab } from "./colour.js";
import { chance, softLight } from "./patterns/chance.js";

const MOST = 640;
const TAIL = 7; // places of the line that each leaves behind
const TAIL_S = 0.09;
const SETTLE_S = 3;
const MOODS = Object.keys(MOOD_COLOURS);

export class Crowd {
  constructor() {
    const random = chance(7);
    this.motes = Array.from({ length: MOST }, () => ({
      x: random(), y: random(), near: random() ** 1.6, turn: 6.283 * random(), own: 0.6 + 0.8 * random(), pick: random(),
    }));
    this.goal = Object.fromEntries(MOODS.map((mood) => [mood, 0.25]));
    this.now = { ...this.goal };
    this.lights = Object.fromEntries(MOODS.map((mood) => [mood, softLight((alpha) => css(lighter(toLab(MOOD_COLOURS[mood]), 0.08), alpha))]));
    this.lines = Object.fromEntries(MOODS.map((mood) => [mood, css(lighter(toLab(MOOD_COLOURS[mood]), 0.04))]));
  }

  /** Let the shares of the moods be these from soon on. */
  show(shares) {
    this.goal = shares;
  }

  draw({ pen, width, height, seconds, phase, ratio, count, weight, still }) {
    const share = still ? 1 : 1 - Math.exp(-seconds / SETTLE_S);
    for (const mood of MOODS) this.now[mood] += share * (this.goal[mood] - this.now[mood]);
    const shown = Math.min(MOST, Math.round(190 + 0.6 * count));
    const scale = Math.sqrt(width * height) / 900;
    for (let index = 0; index < shown; index += 1) {
      const mote = this.motes[index];
      const [mood, sure] = this.moodOf(mote.pick);
      const alpha = weight * sure * (0.5 + 0.5 * mote.near) * (0.72 + 0.28 * Math.sin(0.9 * phase * mote.own + 5 * mote.turn));
      this.line(pen, width, height, mote, phase, mood, 0.42 * alpha, Math.max(0.6, scale * (0.5 + 1.8 * mote.near)) * Math.min(1.4, ratio));
      const [x, y] = place(mote, phase);
      const radius = scale * (3 + 15 * mote.near ** 1.4);
      pen.globalAlpha = Math.min(1, alpha);
      pen.drawImage(this.lights[mood], x * width - radius, y * height - radius, 2 * radius, 2 * radius);
    }
    pen.globalAlpha = 1;
  }

  line(pen, width, height, mote, phase, mood, alpha, thick) {
    pen.globalAlpha = Math.min(1, alpha);
    pen.strokeStyle = this.lines[mood];
    pen.lineWidth = thick;
    pen.beginPath();
    let before = null;
    for (let step = 0; step <= TAIL; step += 1) {
      const [x, y] = place(mote, phase - step * TAIL_S * (1 + 4 * mote.near));
      if (before && Math.hypot(x - before[0], y - before[1]) > 0.5) break; // it came back on the other side
      if (before === null) pen.moveTo(x * width, y * height);
      else pen.lineTo(x * width, y * height);
      before = [x, y];
    }
    pen.stroke();
  }

  /** Which mood a mote has by now, and how surely: near a border it fades into its next colour. */
  moodOf(pick) {
    let from = 0;
    const total = MOODS.reduce((sum, mood) => sum + this.now[mood], 0) || 1;
    for (const mood of MOODS) {
      const upto = from + this.now[mood] / total;
      if (pick < upto || mood === MOODS[MOODS.length - 1]) return [mood, Math.min(1, 0.15 + 120 * Math.min(pick - from, Math.max(0, upto - pick)))];
      from = upto;
    }
    return [MOODS[0], 1];
  }
}

/** Where a mote is: carried along slow waves, nearer ones faster. */
function place({ x, y, near, turn, own }, phase) {
  const along = x + 0.018 * own * (0.4 + near) * phase;
  const wave = 0.07 * Math.sin(6.283 * (0.8 * along + 0.6 * y) + 0.16 * phase) + 0.045 * Math.sin(6.283 * 1.9 * along - 0.23 * phase + 0.3 * turn);
  return [wrap(along + 0.012 * Math.sin(0.5 * phase * own + turn)), wrap(y + wave + 0.02 * Math.sin(0.4 * phase * own + 2 * turn))];
}

const wrap = (value) => ((((value + 0.05) % 1.1) + 1.1) % 1.1) - 0.05;
