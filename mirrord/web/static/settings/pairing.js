// The wizard for devices that want to be asked: find it, press its button, done.

import { hide, make, put, set } from "../dom.js";
import { announce } from "../news.js";
import { known, say } from "../words.js";
import { cancelPairing, pair, pairing } from "./desk.js";

const EVERY_MS = 500;

/** Return a block that pairs with a driver's device and shows how it goes. */
export function pairer(driver) {
  const title = make("h3", "", say("pair.title"));
  const how = make("p", "help", say(known(`pair.how.${driver}`) ? `pair.how.${driver}` : "pair.how"));
  const start = make("button", "plain strong", say("pair.start"));
  const stop = make("button", "plain", say("pair.cancel"));
  for (const one of [start, stop]) one.type = "button";
  const bar = make("progress");
  bar.max = 1;
  set(bar, "aria-label", say("pair.waiting"));
  const said = make("p", "said");
  const more = make("p", "help detail");
  const element = make("div", "pairer", title, how, make("div", "buttons", start, stop), bar, said, more);
  let timer;
  let state = "none";

  start.addEventListener("click", () => attempt(() => pair(driver)));
  stop.addEventListener("click", () => attempt(cancelPairing));

  async function attempt(ask) {
    clearTimeout(timer);
    try {
      show(await ask());
    } catch (error) {
      put(said, error.message);
    }
  }

  function show(job) {
    const mine = job.driver === driver;
    const now = mine ? job.state : "none";
    const waiting = now === "waiting";
    hide(bar, !waiting);
    hide(stop, !waiting);
    hide(start, waiting);
    bar.value = job.progress;
    put(start, say(now === "failed" || now === "cancelled" ? "pair.again" : now === "paired" ? "pair.anew" : "pair.start"));
    put(said, now === "none" ? "" : say(`pair.${now}`));
    put(more, mine ? job.said : "");
    element.dataset.state = now;
    if (now !== state && now !== "none") announce(said.textContent);
    if (waiting && state !== "waiting") stop.focus();
    if (!waiting && state === "waiting") start.focus();
    state = now;
    if (waiting) timer = setTimeout(() => attempt(pairing), EVERY_MS);
  }

  hide(bar, true);
  hide(stop, true);
  attempt(pairing);
  return { element };
}
