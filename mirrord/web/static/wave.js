// The sound as a thread through the room: pitch is how close its waves are, loudness how high.

const still = matchMedia("(prefers-reduced-motion: reduce)");
const SETTLE_S = 0.6;
const FRAME_MS = 33;
const LOUDEST = 0.3;

export class Wave {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.goal = { hertz: 220, volume: 0, colour: "#FFD9A8" };
    this.now = { waves: 5, height: 0 };
    this.phase = 0;
    this.before = 0;
    this.seen = false;
    new IntersectionObserver(([entry]) => {
      this.seen = entry.isIntersecting;
      this.wake();
    }).observe(canvas);
    new ResizeObserver(() => this.wake()).observe(canvas);
  }

  show(goal) {
    this.goal = goal;
    this.wake();
  }

  wake() {
    if (this.frame || !this.seen) return;
    this.before = performance.now();
    this.frame = requestAnimationFrame((now) => this.step(now));
  }

  step(now) {
    this.frame = 0;
    const elapsed = now - this.before;
    if (elapsed >= FRAME_MS || still.matches) {
      this.before = now;
      this.move(Math.min(0.1, elapsed / 1000));
      this.draw();
    }
    const flat = this.goal.volume === 0 && this.now.height < 0.004;
    if (this.seen && !flat && !still.matches) this.frame = requestAnimationFrame((next) => this.step(next));
  }

  move(seconds) {
    const share = still.matches ? 1 : 1 - Math.exp(-seconds / SETTLE_S);
    // An octave doubles the waves: 100 Hz shows two, 1000 Hz twenty.
    const waves = this.goal.hertz / 50;
    this.now.waves += share * (waves - this.now.waves);
    this.now.height += share * (Math.sqrt(this.goal.volume / LOUDEST) - this.now.height);
    if (!still.matches) this.phase += seconds * 0.9;
  }

  draw() {
    const { canvas, pen, now } = this;
    const ratio = Math.min(2, devicePixelRatio || 1);
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (!width) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    pen.clearRect(0, 0, width, height);
    pen.strokeStyle = this.goal.colour;
    for (const [share, alpha, thick] of [[1, 0.95, 1.5], [0.62, 0.4, 1], [0.3, 0.22, 1], [-0.4, 0.16, 1]]) {
      this.thread(width, height, ratio, share, alpha, thick);
    }
  }

  thread(width, height, ratio, share, alpha, thick) {
    const { pen, now } = this;
    const reach = now.height * share * (height / 2 - 2 * ratio);
    pen.globalAlpha = alpha;
    pen.lineWidth = thick * ratio;
    pen.beginPath();
    for (let x = 0; x <= width; x += 3 * ratio) {
      const along = x / width;
      const swell = Math.sin(Math.PI * along) ** 2 * (0.72 + 0.28 * Math.sin(5 * along - 0.7 * this.phase));
      const y = height / 2 + reach * swell * Math.sin(2 * Math.PI * now.waves * along - 2 * this.phase);
      if (x === 0) pen.moveTo(x, y);
      else pen.lineTo(x, y);
    }
    pen.stroke();
  }
}
