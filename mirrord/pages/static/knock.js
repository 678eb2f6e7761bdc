// Asking for what is changed, accounts first of all: the answer with its status, whatever it is.

import { inWords } from "./spoken.js";

const PATIENCE_MS = 30_000; // a password takes its time on a small computer
const ROOT = "/emotions/auth/";

/**
 * Return `{status, ok, data, message, details}`; a status of 0 where there was no answer. A path that
 * does not begin with a slash is one of the accounts.
 */
export async function knock(method, path, body) {
  const options = { method, signal: AbortSignal.timeout(PATIENCE_MS) };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(path.startsWith("/") ? path : ROOT + path, options);
    const { data = null, message = "", details = {} } = inWords(await response.json());
    return { status: response.status, ok: response.ok, data, message, details };
  } catch {
    return { status: 0, ok: false, data: null, message: "", details: {} };
  }
}
