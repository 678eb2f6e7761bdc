// What can be set, as the mirror says it, and the changes asked of it.

import { inWords } from "../spoken.js";
import { say } from "../words.js";

/** A refusal: `details` has a sentence for each key that is wrong. */
export class Refusal extends Error {
  constructor(message, status, details) {
    super(message);
    this.status = status;
    this.details = details ?? {};
  }
}

export const load = () => ask("GET", "values");
export const change = (set) => ask("PATCH", "values", { set });
export const reset = (...keys) => ask("PATCH", "values", { reset: keys });
export const goTo = (to) => ask("POST", "undo", to === undefined ? {} : { to });
export const devices = (look) => ask(look ? "POST" : "GET", "devices", look ? {} : undefined);
export const pairing = () => ask("GET", "pairing");
export const pair = (driver) => ask("POST", "pairing", { driver });
export const cancelPairing = () => ask("DELETE", "pairing");

async function ask(method, what, body) {
  let response;
  let answer;
  try {
    response = await fetch(`/settings/${what}`, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    answer = inWords(await response.json());
  } catch {
    throw new Refusal(say("controls.no_answer"), 0);
  }
  if (!response.ok) throw new Refusal(answer.message, response.status, answer.details);
  return answer.data;
}
