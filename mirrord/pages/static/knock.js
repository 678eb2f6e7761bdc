// Asking for what has to do with accounts: the answer with its status, whatever it is.

const PATIENCE_MS = 30_000; // a password takes its time on a small computer
const ROOT = "/emotions/auth/";

/** Return `{status, data, message, details}`; a status of 0 where the mirror did not answer. */
export async function knock(method, path, body) {
  const options = { method, signal: AbortSignal.timeout(PATIENCE_MS) };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(ROOT + path, options);
    const { data = null, message = "", details = {} } = await response.json();
    return { status: response.status, ok: response.ok, data, message, details };
  } catch {
    return { status: 0, ok: false, data: null, message: "", details: {} };
  }
}
