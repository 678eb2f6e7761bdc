// One canvas, five patterns: every parameter moves smoothly, patterns cross-fade, detail follows speed.

import { css, mix, toLab } from "./colour.js";
import { paintGrain } from "./field.js";
import { Pace } from "./pace.js";
import { AmbientFloat } from "./patterns/ambient_float.js";
import { DynamicParticles } from "./patterns/dynamic_particles.js";
import { FlowingWaves } from "./patterns/flowing_waves.js";
import { GentleRipples } from "./patterns/gentle_ripples.js";
import { SlowDrift } from "./patterns/slow_drift.js";

const SETTLE_S = 1.6;
const FADE_S = 1.4;
const MOST_PIXELS = 2.4e6;
const BLACK = [0, 0, 0];

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Picture {
  /** `also`: patterns that are always drawn, over the one that the mood chose. */
  constructor(canvas, also = []) {
    this.canvas = canvas;
    this.also = also;
    this.pen = canvas.getContext("2d", { alpha: false });
    this.grain = paintGrain();
    this.pace = new Pace();
    this.patterns = {
      dynamic_particles: new DynamicParticles(),
      flowing_waves: new FlowingWaves(),
      gentle_ripples: new GentleRipples(),
      slow_drift: new SlowDrift(),
      ambient_float: new AmbientFloat(),
    };
    this.weights = Object.fromEntries(Object.keys(this.patterns).map((name) => [name, 0]));
    this.goal = null;
    this.now = null;
    this.phase = 0;
    this.trusted = true;
    this.before = performance.now();
    requestAnimationFrame((time) => this.step(time));
  }

  /** Move towards what the room is asked to be. */
  show({ environment, controls }) {
    const lit = environment && (environment.present || controls.hand) && (controls.camera || controls.hand);
    this.goal = {
      pattern: environment?.visual_pattern ?? "ambient_float",
      lit: lit ? 1 : 0,
      colour: toLab(environment?.lighting_color ?? "#FFD9A8"),
      background: toLab(environment?.background_color ?? "#101018"),
      intensity: environment?.lighting_intensity ?? 0.5,
      count: environment?.particle_count ?? 400,
      speed: environment?.animation_speed ?? 0.5,
    };
  }

  /** Say whether what was shown last still holds. */
  trust(live) {
    this.trusted = live;
  }

  step(time) {
    const seconds = Math.min(0.1, Math.max(0, (time - this.before) / 1000));
    this.before = time;
    requestAnimationFrame((next) => this.step(next));
    if (!this.goal) return;
    const moving = this.approach(seconds);
    if (still.matches && !moving && this.drawnAt === this.canvas.clientWidth) return;
    if (!still.matches) this.phase += seconds * this.now.speed;
    this.pace.measure(seconds, () => this.draw(seconds));
    this.drawnAt = this.canvas.clientWidth;
  }

  /** Take one step of time towards the goal; tell whether anything still moves. */
  approach(seconds) {
    const lit = this.trusted ? this.goal.lit : 0.35 * this.goal.lit;
    if (!this.now) {
      this.now = { ...this.goal, lit: 0 };
      this.weights[this.goal.pattern] = 1;
    }
    const share = still.matches ? 1 : 1 - Math.exp(-seconds / SETTLE_S);
    let moving = Math.abs(lit - this.now.lit);
    this.now.lit += share * (lit - this.now.lit);
    for (const name of ["colour", "background"]) {
      moving = Math.max(moving, ...this.now[name].map((one, axis) => Math.abs(one - this.goal[name][axis])));
      this.now[name] = mix(this.now[name], this.goal[name], share);
    }
    for (const name of ["intensity", "count", "speed"]) this.now[name] += share * (this.goal[name] - this.now[name]);
    const fade = still.matches ? 1 : 1 - Math.exp(-seconds / FADE_S);
    for (const name of Object.keys(this.weights)) {
      const aim = name === this.goal.pattern ? 1 : 0;
      moving = Math.max(moving, Math.abs(aim - this.weights[name]));
      this.weights[name] += fade * (aim - this.weights[name]);
    }
    return moving > 0.004;
  }

  draw(seconds) {
    const view = this.view(seconds);
    const { pen, width, height } = view;
    this.wall(view);
    for (const [name, pattern] of Object.entries(this.patterns)) {
      const weight = this.weights[name] * this.now.lit;
      if (weight < 0.01) {
        pattern.rest?.();
        continue;
      }
      pen.save();
      pen.globalCompositeOperation = "lighter";
      pattern.draw({ ...view, weight });
      pen.restore();
    }
    for (const pattern of this.now.lit < 0.01 ? [] : this.also) this.over(view, pattern);
    this.asleep(view);
    pen.globalAlpha = 0.65 * this.pace.scale ** 2 * this.now.lit;
    pen.fillStyle = pen.createPattern(this.grain, "repeat");
    pen.fillRect(0, 0, width, height);
    pen.globalAlpha = 1;
  }

  over(view, pattern) {
    view.pen.save();
    view.pen.globalCompositeOperation = "lighter";
    pattern.draw({ ...view, weight: this.now.lit });
    view.pen.restore();
  }

  view(seconds) {
    const { canvas, pen, now, phase, pace } = this;
    const most = Math.sqrt(MOST_PIXELS / Math.max(1, canvas.clientWidth * canvas.clientHeight));
    const ratio = Math.min(devicePixelRatio || 1, most) * pace.scale;
    const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    return {
      pen, width, height, seconds, phase, ratio,
      unit: Math.min(width, height),
      still: still.matches,
      colour: now.colour,
      deep: now.background,
      intensity: now.intensity,
      speed: now.speed,
      count: Math.max(40, now.count * pace.detail),
    };
  }

  /** The wall behind: dark, a little lighter where the light falls. */
  wall({ pen, width, height, unit, colour, deep, intensity }) {
    const lit = this.now.lit;
    pen.globalCompositeOperation = "source-over";
    pen.globalAlpha = 1;
    const edge = mix(BLACK, deep, 0.3 * lit);
    const middle = mix(BLACK, mix(deep, colour, 0.05 + 0.08 * intensity), 0.92 * lit);
    const light = pen.createRadialGradient(width / 2, height * 0.46, 0, width / 2, height * 0.46, 0.62 * Math.hypot(width, height));
    for (const stop of [0, 0.25, 0.5, 0.75, 1]) light.addColorStop(stop, css(mix(middle, edge, stop ** 0.8)));
    pen.fillStyle = light;
    pen.fillRect(0, 0, width, height);
  }

  /** When nobody is there: the outline of a mirror, hardly more than nothing. */
  asleep({ pen, width, height, unit, ratio, still: frozen }) {
    const sleep = 1 - this.now.lit;
    if (sleep < 0.02) return;
    const breath = frozen ? 0.5 : 0.5 + 0.5 * Math.sin(this.before / 4200);
    pen.globalAlpha = sleep * (0.07 + 0.06 * breath);
    pen.strokeStyle = "#dfe4ff";
    pen.lineWidth = 1.25 * ratio;
    pen.beginPath();
    pen.arc(width / 2, height / 2, unit * 0.2, 0, 2 * Math.PI);
    pen.stroke();
    pen.globalAlpha = 1;
  }
}
