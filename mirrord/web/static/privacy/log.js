// When the camera was on and off, a page at a time, the newest first.

import { at, hide, make, set } from "../dom.js";
import { get } from "../rest.js";
import { clock, day, duration } from "../units.js";
import { say } from "../words.js";

const SIZE = 12;
const NEWEST = ["/emotions/api/camera_log/", { page_size: SIZE }];

/** Return what shows the newest page; `trouble(error)` hears what goes wrong with another. */
export function prepareLog(trouble) {
  const turn = (button, address) => {
    button.disabled = address === null;
    button.onclick = async () => {
      const { pathname, search } = new URL(address, location.href);
      try {
        await show(pathname + search);
      } catch (error) {
        trouble(error);
      }
    };
  };
  async function show(path, query = {}) {
    const found = await get(path, query);
    hide(at("log-none"), found.count > 0);
    hide(at("log-pages"), found.next === null && found.previous === null);
    at("log").replaceChildren(...found.results.map(entry));
    turn(at("newer"), found.previous);
    turn(at("older"), found.next);
  }
  return () => show(...NEWEST);
}

function entry({ state, since, until }) {
  const line = make("li", "", make("i"), make("span", "state", say(`camera.${state}`)),
    make("span", "", until ? say("log.span", { from: `${day(since)}, ${clock(since)}`, until: ending(since, until) }) : say("log.from", { from: `${day(since)}, ${clock(since)}` })),
    make("span", "soft", duration((new Date(until ?? Date.now()) - new Date(since)) / 1000)));
  set(line, "data-state", state);
  return line;
}

const ending = (since, until) => (day(since) === day(until) ? clock(until) : `${day(until)}, ${clock(until)}`);

