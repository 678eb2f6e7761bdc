// Asking the mirror for its records: one shape of answer, one sentence when it fails.

import { inWords } from "./spoken.js";
import { say } from "./words.js";

const PATIENCE_MS = 20_000;

/** Return the data of `GET path?query`; throws an Error whose message a person can read. */
export async function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const asked = new URLSearchParams(given).toString();
  return send(asked ? `${path}?${asked}` : path, {});
}

export async function post(path, body) {
  return send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export async function remove(path, body) {
  if (body === undefined) return send(path, { method: "DELETE" });
  return send(path, { method: "DELETE", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

async function send(address, options) {
  let response;
  let answer;
  try {
    response = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
    answer = inWords(await response.json());
  } catch {
    throw new Error(say("rest.no_answer"));
  }
  if (!response.ok) throw Object.assign(new Error(answer.message ?? say("rest.no_answer")), { status: response.status });
  return answer.success === true ? answer.data : answer;
}
