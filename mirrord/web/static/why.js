// Why this light? One line always, and on demand the whole chain from the face to the devices.

import { at, hide, put, set } from "./dom.js";
import { showChain } from "./links.js";
import { get } from "./rest.js";
import { alarm } from "./shell.js";
import { say } from "./words.js";

const PATH = "/emotions/api/why/";
const EVERY_MS = 1500;

let timer;

/** Make the line's switch. */
export function prepareWhy() {
  at("why").addEventListener("click", () => {
    const wanted = at("chain").hidden;
    hide(at("chain"), !wanted);
    set(at("why"), "aria-expanded", String(wanted));
    put(at("why"), say(wanted ? "why.close" : "why.open"));
    if (wanted) look();
    else clearTimeout(timer);
  });
}

/** Say in one line why the room is as it is. */
export function showWhy({ why, mood, goal }) {
  if (!why) return;
  const colour = say(`colour.${why.colour}`);
  put(at("because"), say(`why.line.${why.reason}`, {
    colour: why.pale ? say("colour.pale", { colour }) : colour,
    expression: mood.expression === "unsure" ? "" : say(`expression.${mood.expression}`),
    goal: say(`mood.${goal}`),
  }));
}

/** Show the chain as it is now, and again while it is open. */
async function look() {
  clearTimeout(timer);
  if (at("chain").hidden) return;
  try {
    if (!document.hidden) showChain(at("chain"), await get(PATH));
  } catch (error) {
    alarm(error.message);
  }
  timer = setTimeout(look, EVERY_MS);
}
