// What a person asks of the mirror: sent one at a time, the newest wish only, shown at once.

import { inWords } from "./spoken.js";
import { say } from "./words.js";

const PAUSE_MS = 80; // also how long an answered wish still hides an older state on its way
let waiting = null; // asked, not yet sent
let sent = null; // sent, not yet answered
let hooks = { answered() {}, failed() {} };

/** `answered(controls)` hears what holds now, `failed(sentence)` why nothing changed. */
export function useHooks(given) {
  hooks = given;
}

const TABLES = ["drivers", "held", "devices", "gains"];

function merge(one, other) {
  const both = { ...one, ...other };
  for (const table of TABLES) if (one?.[table] || other?.[table]) both[table] = { ...one?.[table], ...other?.[table] };
  return both;
}

/** The controls as they will be once all that was asked is done. */
export function wished(controls) {
  return merge(merge(controls, sent ?? {}), waiting ?? {});
}

/** Ask for a change of part of the controls. */
export function ask(change) {
  waiting = merge(waiting ?? {}, change);
  if (!sent) send();
}

async function send() {
  sent = waiting;
  waiting = null;
  try {
    hooks.answered(await post(sent));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    sent = null;
    if (waiting) send();
  } catch (error) {
    sent = waiting = null;
    hooks.failed(error.message);
  }
}

async function post(change) {
  let response;
  let body;
  try {
    response = await fetch("/control", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(change),
      signal: AbortSignal.timeout(10_000),
    });
    body = inWords(await response.json());
  } catch {
    throw new Error(say("controls.no_answer"));
  }
  if (!response.ok) throw new Error(body.message);
  return body.data;
}
