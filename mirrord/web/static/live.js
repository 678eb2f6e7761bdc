// The live socket: connects, connects again, and notices silence.

import { inWords } from "./spoken.js";

const SILENT_MS = 12_000; // the mirror repeats itself every 5 s
const LONGEST_MS = 10_000;
const SIGN_IN = 4401; // the mirror wants to know who is looking

/** Call `onState(state)` for each state and `onLink("live" | "lost")` when that changes. */
export function follow(onState, onLink) {
  let socket;
  let failures = 0;
  let heard = 0;
  let retry;

  function connect() {
    clearTimeout(retry);
    retry = undefined;
    const mine = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
    socket = mine;
    heard = performance.now();
    mine.onmessage = (event) => {
      heard = performance.now();
      failures = 0;
      onLink("live");
      onState(inWords(JSON.parse(event.data)));
    };
    mine.onclose = (event) => {
      if (event.code === SIGN_IN) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
      else if (mine === socket) again();
    };
  }

  function again() {
    socket = undefined;
    onLink("lost");
    failures += 1;
    const most = Math.min(LONGEST_MS, 500 * 2 ** failures);
    retry = setTimeout(connect, 100 + Math.random() * most);
  }

  function hurry() {
    if (retry !== undefined && !document.hidden) connect();
  }

  setInterval(() => {
    if (socket && performance.now() - heard > SILENT_MS) {
      const silent = socket;
      again();
      silent.close();
    }
  }, 1000);
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  connect();
}
