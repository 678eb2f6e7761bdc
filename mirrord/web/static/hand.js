// Between a place of the valence-arousal plane and the four moods that a hand sets.

// Where each mood lies when it is set by hand; the mirror uses the same places.
const CENTRES = { joy: [0.85, 0.35], calm: [0.6, -0.7], energy: [-0.1, 0.85], melancholy: [-0.7, -0.45] };
// Once around the plane, so that neighbours here are neighbours there.
const AROUND = ["joy", "energy", "melancholy", "calm"];

const rounded = (value) => Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;

/** The moods whose place is [valence, arousal]; beyond the moods' own places, the nearest inward. */
export function moodsAt(valence, arousal) {
  const moods = { joy: 0, calm: 0, energy: 0, melancholy: 0 };
  for (let index = 0; index < 4; index += 1) {
    const first = AROUND[index];
    const second = AROUND[(index + 1) % 4];
    const [a, b] = [CENTRES[first], CENTRES[second]];
    const area = a[0] * b[1] - a[1] * b[0];
    const share = (valence * b[1] - arousal * b[0]) / area;
    const other = (a[0] * arousal - a[1] * valence) / area;
    if (share < 0 || other < 0) continue;
    const whole = Math.max(1, share + other);
    moods[first] = rounded(share / whole);
    moods[second] = rounded(other / whole);
    break;
  }
  return moods;
}
