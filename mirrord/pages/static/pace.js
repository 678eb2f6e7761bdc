// How much detail this machine can draw smoothly: found out by looking at its own frame times.

const MOST_S = 0.022; // slower than this, and slower than the screen, is too slow
const WORK_MS = 11;
const LEAST_DETAIL = 0.3;
const PATIENCE = 24; // frames between two changes

export class Pace {
  constructor() {
    this.detail = 0.6; // share of the asked particles
    this.scale = 1; // share of the screen's resolution
    this.mean = 0.0167;
    this.best = 1;
    this.work = 0;
    this.frames = 0;
  }

  measure(seconds, draw) {
    const start = performance.now();
    draw();
    this.work += 0.08 * (performance.now() - start - this.work);
    this.mean += 0.08 * (Math.min(0.1, seconds) - this.mean);
    this.best = Math.min(this.best * 1.0005, this.mean);
    this.frames += 1;
    if (this.frames % PATIENCE === 0) this.adjust();
  }

  adjust() {
    const slow = this.work > WORK_MS || this.mean > Math.max(MOST_S, 1.35 * this.best);
    const easy = this.work < 0.6 * WORK_MS && !slow;
    const least = this.detail === LEAST_DETAIL;
    if (slow) this.detail = Math.max(LEAST_DETAIL, this.detail * 0.85);
    else if (easy) this.detail = Math.min(1, this.detail * 1.06);
    // The resolution changes last and in two steps only: a change can be seen.
    if (slow && least) this.scale = this.scale === 1 ? 0.75 : 0.6;
    else if (this.detail === 1 && this.scale < 1 && this.work < 0.3 * WORK_MS) this.scale = 1;
  }
}
