// Energy: sparks carried by a swirling current, drawing it as they go.

import { css, lighter, mix } from "../colour.js";
import { chance } from "./chance.js";

const SEED = 7;
const MOST = 2000;
const FADE_S = 0.75;
const LIFE_S = 7;
const SHADES = 6;
const REACH = 0.56; // of the shorter side: the current's unit of length
const STILL_STEPS = 110;

export class DynamicParticles {
  constructor() {
    this.layer = document.createElement("canvas");
    this.ink = this.layer.getContext("2d");
    this.owed = 0;
    this.half = [1.8, 1];
    this.reset();
  }

  reset() {
    this.random = chance(SEED);
    this.sparks = Array.from({ length: MOST }, () => this.born({}, this.random() * LIFE_S));
    // A stream function of a few waves: the current it makes has no sources and no sinks.
    this.waves = Array.from({ length: 7 }, (_, index) => {
      const angle = 2 * Math.PI * this.random();
      const scale = 1.7 * 1.42 ** index;
      return { x: scale * Math.cos(angle), y: scale * Math.sin(angle), phase: 6.3 * this.random(), pace: 0.07 + 0.06 * this.random(), size: 0.9 / scale };
    });
  }

  born(spark, age = 0) {
    const angle = 2 * Math.PI * this.random();
    const reach = 1.1 * Math.sqrt(this.random());
    spark.x = spark.fromX = this.half[0] * reach * Math.cos(angle);
    spark.y = spark.fromY = this.half[1] * reach * Math.sin(angle);
    spark.age = age;
    spark.life = LIFE_S * (0.4 + 0.6 * this.random());
    spark.pull = 0.6 + 0.8 * this.random();
    return spark;
  }

  rest() {
    if (!this.layer.width) return;
    this.layer.width = this.layer.height = 0;
    this.drawn = "";
  }

  draw(view) {
    const { pen, width, height, weight } = view;
    if (this.layer.width !== width || this.layer.height !== height) {
      Object.assign(this.layer, { width, height });
      this.half = [width, height].map((one) => one / (2 * REACH * view.unit));
      this.drawn = "";
    }
    if (view.still) this.drawStill(view);
    else this.advance(view, view.seconds * (0.35 + 0.75 * view.speed));
    pen.globalAlpha = weight;
    pen.drawImage(this.layer, 0, 0);
  }

  drawStill(view) {
    const key = `${view.width} ${view.colour.map((one) => one.toFixed(2))}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.ink.clearRect(0, 0, view.width, view.height);
    this.reset();
    for (let step = 0; step < STILL_STEPS; step += 1) this.advance({ ...view, phase: 0, seconds: 1 / 40 }, 1 / 40);
  }

  advance(view, step) {
    const { ink } = this;
    const { width, height, unit, phase, ratio } = view;
    this.fade(view);
    const paths = Array.from({ length: SHADES }, () => new Path2D());
    const reach = REACH * unit;
    const count = Math.min(MOST, Math.round(view.count));
    for (let index = 0; index < count; index += 1) {
      const spark = this.sparks[index];
      this.carry(spark, phase, step);
      const path = paths[shadeOf(spark)];
      path.moveTo(width / 2 + spark.fromX * reach, height / 2 + spark.fromY * reach);
      path.lineTo(width / 2 + spark.x * reach, height / 2 + spark.y * reach);
    }
    ink.globalCompositeOperation = "lighter";
    ink.lineCap = "round";
    paths.forEach((path, shade) => {
      const bright = shade / (SHADES - 1);
      ink.strokeStyle = css(mix(view.colour, lighter(view.colour, 0.24), bright ** 2), 0.1 + 0.5 * bright);
      ink.lineWidth = (0.7 + 1.3 * bright) * ratio;
      ink.stroke(path);
    });
  }

  carry(spark, phase, step) {
    spark.age += step;
    const outside = Math.abs(spark.x) > 1.25 * this.half[0] || Math.abs(spark.y) > 1.25 * this.half[1];
    if (spark.age > spark.life || outside) this.born(spark);
    spark.fromX = spark.x;
    spark.fromY = spark.y;
    let [u, v] = [-0.16 * spark.y, 0.16 * spark.x];
    for (const wave of this.waves) {
      const slope = wave.size * Math.cos(wave.x * spark.x + wave.y * spark.y + wave.phase + wave.pace * phase);
      u += slope * wave.y;
      v -= slope * wave.x;
    }
    spark.x += u * step * 0.34 * spark.pull;
    spark.y += v * step * 0.34 * spark.pull;
  }

  /** Let old traces go; in steps large enough for eight bits to forget them wholly. */
  fade({ width, height, seconds, still }) {
    if (still) return;
    this.owed += 1 - Math.exp(-seconds / FADE_S);
    if (this.owed < 0.09) return;
    this.ink.globalCompositeOperation = "destination-out";
    this.ink.fillStyle = `rgb(0 0 0 / ${Math.min(1, this.owed)})`;
    this.ink.fillRect(0, 0, width, height);
    this.owed = 0;
  }
}

function shadeOf({ age, life, pull }) {
  const glow = Math.sin(Math.PI * Math.min(1, age / life)) * (pull / 1.4);
  return Math.min(SHADES - 1, Math.floor(glow * SHADES));
}
