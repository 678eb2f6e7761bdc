// The round mirror: the valence-arousal plane with the light that is the mood now.

import { paintField, paintGrain } from "./field.js";

const TRAIL_MS = 45_000;
const SAMPLE_MS = 220;
const SETTLE_S = 0.28;
const REVEAL = 128;
const FRAME_MS = 30;

const still = matchMedia("(prefers-reduced-motion: reduce)");
const night = matchMedia("(prefers-color-scheme: dark)");

export class Plane {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.field = paintField();
    this.grain = paintGrain();
    this.reveal = document.createElement("canvas");
    this.reveal.width = this.reveal.height = REVEAL;
    this.place = null;
    this.goal = null;
    this.blur = 0.1;
    this.lit = 1;
    this.trail = [];
    this.frame = 0;
    this.moved = () => {};
    new ResizeObserver(() => this.wake()).observe(canvas);
    night.addEventListener("change", () => this.wake());
  }

  /** Move to a mood: place, how sure, how strong, and whether the light is on (0..1). */
  show(goal) {
    if (!this.place) this.lit = goal.lit;
    this.goal = goal;
    this.wake();
  }

  wake() {
    if (this.frame || !this.goal) return;
    this.before = performance.now();
    this.frame = requestAnimationFrame((now) => this.step(now));
  }

  step(now) {
    if (now - this.before < FRAME_MS && !still.matches) {
      this.frame = requestAnimationFrame((next) => this.step(next));
      return;
    }
    const share = still.matches ? 1 : 1 - Math.exp(-Math.min(0.1, (now - this.before) / 1000) / SETTLE_S);
    this.before = now;
    const { valence, arousal } = this.goal;
    const aim = within(valence, arousal);
    this.place ??= aim;
    const blur = 0.05 + 0.13 * (1 - this.goal.confidence);
    const rest = Math.hypot(aim[0] - this.place[0], aim[1] - this.place[1]);
    this.place = this.place.map((one, axis) => one + share * (aim[axis] - one));
    this.blur += share * (blur - this.blur);
    this.lit += share * (this.goal.lit - this.lit);
    this.remember(now);
    this.draw(now);
    this.moved(this.place);
    const settled = rest < 0.001 && Math.abs(blur - this.blur) < 0.001 && Math.abs(this.goal.lit - this.lit) < 0.004;
    this.frame = settled ? 0 : requestAnimationFrame((next) => this.step(next));
  }

  remember(now) {
    const last = this.trail.at(-1);
    this.trail = this.trail.filter((one) => now - one.at < TRAIL_MS);
    if (this.lit < 0.5 || (last && now - last.at < SAMPLE_MS)) return;
    if (last && Math.hypot(last.x - this.place[0], last.y - this.place[1]) < 0.004) return;
    this.trail.push({ at: now, x: this.place[0], y: this.place[1] });
  }

  draw(now) {
    const { canvas, pen } = this;
    const ratio = Math.min(2, devicePixelRatio || 1);
    const side = Math.round(canvas.clientWidth * ratio);
    if (!side) return;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const radius = side / 2 - 20 * ratio;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, side, side);
    pen.translate(side / 2, side / 2);
    this.ink = getComputedStyle(canvas).color;
    this.glass(radius);
    this.ruler(side, ratio);
    this.path(now, radius, ratio);
    this.light(radius, ratio);
  }

  /** The field seen faintly through the glass, and fully where the light is. */
  glass(radius) {
    const { pen } = this;
    const dark = night.matches;
    pen.save();
    pen.beginPath();
    pen.arc(0, 0, radius, 0, 2 * Math.PI);
    pen.clip();
    pen.fillStyle = getComputedStyle(document.body).backgroundColor;
    pen.fill();
    pen.globalAlpha = (dark ? 0.17 : 0.34) * (0.35 + 0.65 * this.lit);
    pen.drawImage(this.field, -radius, -radius, 2 * radius, 2 * radius);
    this.uncover();
    pen.globalAlpha = this.lit;
    pen.drawImage(this.reveal, -radius, -radius, 2 * radius, 2 * radius);
    pen.restore();
  }

  uncover() {
    const pen = this.reveal.getContext("2d");
    const x = REVEAL * (0.5 + this.place[0] / 2);
    const y = REVEAL * (0.5 - this.place[1] / 2);
    const reach = REVEAL * (0.42 + 0.3 * this.goal.strength);
    const light = pen.createRadialGradient(x, y, 0, x, y, reach);
    for (const [stop, alpha] of [[0, 1], [0.14, 0.93], [0.34, 0.62], [0.6, 0.24], [0.82, 0.06], [1, 0]]) {
      light.addColorStop(stop, `rgb(0 0 0 / ${alpha})`);
    }
    pen.globalCompositeOperation = "copy";
    pen.fillStyle = light;
    pen.fillRect(0, 0, REVEAL, REVEAL);
    pen.globalCompositeOperation = "source-in";
    pen.drawImage(this.field, 0, 0, REVEAL, REVEAL);
  }

  /** Grain, rim, axes and ticks: drawn once for each size and ink. */
  ruler(side, ratio) {
    const key = `${side} ${this.ink}`;
    if (this.rulerKey !== key) {
      this.rulerKey = key;
      this.ruled = rule(side, ratio, this.ink, this.grain);
    }
    this.pen.drawImage(this.ruled, -side / 2, -side / 2);
  }

  path(now, radius, ratio) {
    const { pen, trail } = this;
    const points = [...trail, { at: now, x: this.place[0], y: this.place[1] }];
    pen.lineCap = "round";
    pen.strokeStyle = this.ink;
    for (let index = 1; index < points.length - 1; index += 1) {
      const [a, b, c] = [points[index - 1], points[index], points[index + 1]];
      const young = 1 - (now - b.at) / TRAIL_MS;
      if (young <= 0 || b.at - a.at > 4000) continue;
      pen.globalAlpha = 0.62 * young ** 2 * this.lit;
      pen.lineWidth = (0.5 + 1.7 * young) * ratio;
      pen.beginPath();
      pen.moveTo(((a.x + b.x) / 2) * radius, (-(a.y + b.y) / 2) * radius);
      pen.quadraticCurveTo(b.x * radius, -b.y * radius, ((b.x + c.x) / 2) * radius, (-(b.y + c.y) / 2) * radius);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  /** The light itself; the ring around it is wider the less sure the reading is. */
  light(radius, ratio) {
    const { pen } = this;
    const [x, y] = [this.place[0] * radius, -this.place[1] * radius];
    pen.globalAlpha = 0.25 + 0.75 * this.lit;
    const halo = pen.createRadialGradient(x, y, 0, x, y, 46 * ratio);
    halo.addColorStop(0, "rgb(255 255 255 / .95)");
    halo.addColorStop(0.25, "rgb(255 255 255 / .42)");
    halo.addColorStop(1, "rgb(255 255 255 / 0)");
    pen.fillStyle = halo;
    pen.fillRect(x - 46 * ratio, y - 46 * ratio, 92 * ratio, 92 * ratio);
    pen.fillStyle = "#fff";
    pen.beginPath();
    pen.arc(x, y, 7 * ratio, 0, 2 * Math.PI);
    pen.fill();
    pen.strokeStyle = this.ink;
    pen.lineWidth = 1.25 * ratio;
    pen.globalAlpha = 0.75 * (0.3 + 0.7 * this.lit);
    pen.setLineDash(this.goal.sure ? [] : [3 * ratio, 5 * ratio]);
    circle(pen, x, y, Math.max(14 * ratio, this.blur * radius));
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }
}

function rule(side, ratio, ink, grain) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  const radius = side / 2 - 20 * ratio;
  pen.translate(side / 2, side / 2);
  pen.beginPath();
  pen.arc(0, 0, radius, 0, 2 * Math.PI);
  pen.globalAlpha = night.matches ? 0.36 : 0.56;
  pen.fillStyle = pen.createPattern(grain, "repeat");
  pen.fill();
  pen.strokeStyle = ink;
  pen.lineWidth = ratio;
  pen.globalAlpha = 0.28;
  circle(pen, 0, 0, radius);
  pen.globalAlpha = 0.13;
  circle(pen, 0, 0, radius / 2);
  line(pen, -radius, 0, radius, 0);
  line(pen, 0, -radius, 0, radius);
  for (let tick = 0; tick < 120; tick += 1) {
    const angle = (tick * Math.PI) / 60;
    const long = tick % 30 === 0 ? 13 : tick % 5 === 0 ? 8 : 4;
    pen.globalAlpha = tick % 5 === 0 ? 0.5 : 0.24;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const from = radius + 5 * ratio;
    line(pen, cos * from, sin * from, cos * (from + long * ratio), sin * (from + long * ratio));
  }
  return canvas;
}

/** The point itself, or the nearest on the rim. */
export function within(x, y) {
  const length = Math.max(1, Math.hypot(x, y));
  return [x / length, y / length];
}

function circle(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.stroke();
}

function line(pen, x, y, toX, toY) {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(toX, toY);
  pen.stroke();
}
