// Why the room was as it was, at a moment of a visit.

import { at, put, set } from "../dom.js";
import { showChain } from "../links.js";
import { get } from "../rest.js";
import { clockSeconds } from "../units.js";

const PAUSE_MS = 250; // of a hand on the slider, before the mirror is asked
let timer;
let asked = 0;

/** Let a person choose a moment of the visit; it begins in its middle. */
export async function prepareWhy({ started, ended }) {
  const [first, last] = [started, ended].map((one) => Math.floor(new Date(one).getTime() / 1000));
  const slider = at("moment");
  Object.assign(slider, { min: first, max: Math.max(last, first + 1), step: 1, value: Math.round((first + last) / 2) });
  slider.addEventListener("input", () => {
    name();
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  name();
  await look();
}

const chosen = () => new Date(1000 * Number(at("moment").value));

function name() {
  put(at("moment-said"), clockSeconds(chosen()));
  set(at("moment"), "aria-valuetext", clockSeconds(chosen()));
}

async function look() {
  const turn = ++asked;
  try {
    const why = await get("/emotions/api/why/", { at: chosen().toISOString() });
    if (turn === asked) showChain(at("chain"), why);
    put(at("why-none"), "");
  } catch (error) {
    if (turn === asked) at("chain").replaceChildren();
    put(at("why-none"), error.message);
  }
}
