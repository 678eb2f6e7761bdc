// Numbers that look random and are the same every time: a still picture stays the same picture.

/** A generator of numbers in 0..1 (mulberry32, Tommy Ettinger). */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A soft round light on a small canvas, to be drawn many times. */
export function softLight(colour, side = 64) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  const light = pen.createRadialGradient(side / 2, side / 2, 0, side / 2, side / 2, side / 2);
  for (const [stop, alpha] of [[0, 1], [0.2, 0.66], [0.45, 0.26], [0.72, 0.06], [1, 0]]) light.addColorStop(stop, colour(alpha));
  pen.fillStyle = light;
  pen.fillRect(0, 0, side, side);
  return canvas;
}
