// How often each mood led, and each expression was seen.

import { at, keep, make, put, style } from "../dom.js";
import { get } from "../rest.js";
import { number, percent } from "../units.js";
import { known, say } from "../words.js";
import { asked } from "./spans.js";

export async function showShares(span, ours) {
  const found = await ours(() => get("/emotions/api/readings/distribution/", asked(span)));
  if (!found) return;
  put(at("shares-note"), found.total ? say("shares.note", { readings: number(found.total) }) : say("course.none"));
  bars(at("mood-shares"), found.moods, "mood");
  bars(at("expression-shares"), found.expressions, "expression");
}

/** Draw shares, the largest first. */
export function bars(list, shares, kind) {
  const sorted = [...shares].sort((one, other) => other.count - one.count);
  keep(list, sorted, (share) => share.name, makeBar, (item, share) => {
    const key = `${kind}.${share.name}`;
    put(item.children[0], known(key) ? say(key) : share.name);
    put(item.children[2], percent(share.percentage / 100));
    style(item, "--share", (share.percentage / 100).toFixed(4));
    if (kind === "mood") style(item, "--mood", `var(--${share.name})`);
  });
}

function makeBar() {
  return make("li", "share", make("span"), make("i"), make("span", "much"));
}
