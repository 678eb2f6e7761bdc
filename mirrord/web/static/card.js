// The page's address as a code, on a screen that shows nothing else for hours: it never rests.

import { at, hide, put, set, style } from "./dom.js";
import { get } from "./rest.js";
import { say } from "./words.js";

const MOVE_MS = 12_000;
const PLACES = [[0.5, 0.5], [0.3, 0.38], [0.68, 0.6], [0.4, 0.66], [0.62, 0.34], [0.34, 0.55]]; // shares of the free room

let place = 0;

/** Let the card wander. */
export function prepareCard() {
  move();
  setInterval(move, MOVE_MS);
}

function move() {
  const [x, y] = PLACES[place++ % PLACES.length];
  style(at("card"), "--x", x);
  style(at("card"), "--y", y);
}

/** Show the address as it is now (`query` is the code's), and return what the notice says; null if the mirror does not answer. */
export async function showCard(query = "") {
  const told = await get("/notice/facts").catch(() => null);
  if (!told) return null;
  const shown = [told.address, ...told.others.slice(0, 1)].filter(Boolean).map((one) => one.replace(/^http:\/\/|\/$/g, ""));
  put(at("address"), shown.join(`  ${say("card.or")}  `));
  hide(at("code"), !told.address);
  if (told.address && at("code").dataset.of !== told.address) {
    at("code").dataset.of = told.address;
    set(at("code"), "src", `/address.svg${query}#${encodeURIComponent(told.address)}`);
  }
  set(at("code"), "alt", told.address ? say("card.code", { address: told.address }) : "");
  return told;
}
