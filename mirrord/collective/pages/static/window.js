// How long the windows of a space are, in words.

import { say } from "./words.js";

/** `every` and `within`, to be filled into a sentence. */
export function windowOf({ window_s: seconds }) {
  const count = Math.max(1, Math.round(seconds / 60));
  return { every: say("every", { count }), within: say("within", { count }) };
}
