// What is current in a space: over the socket, and asked for now and then where there is none.

import { get } from "./rest.js";

const SILENT_MS = 45_000; // the server pings; a browser answers by itself, but does not tell the page
const LONGEST_MS = 20_000;
const POLL_MS = 30_000;
const PING = JSON.stringify({ type: "ping" });

/**
 * Call `onFigure(figure)` with each new figure (null: there is none yet), `onViewers(count)` when that
 * changes, and `onLink("live" | "asking" | "lost")`: told at once, asked now and then, or neither.
 */
export function follow(space, { onFigure, onViewers, onLink }) {
  let socket;
  let failures = 0;
  let heard = 0;
  let retry;
  let answered = false;
  const isOpen = () => socket?.readyState === WebSocket.OPEN;

  function connect() {
    clearTimeout(retry);
    retry = undefined;
    const mine = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/emotions/?space=${space}&after=now`);
    socket = mine;
    heard = performance.now();
    mine.onopen = () => {
      failures = 0;
      onLink("live");
      ask();
    };
    mine.onmessage = (event) => {
      heard = performance.now();
      take(JSON.parse(event.data));
    };
    mine.onclose = () => {
      if (mine === socket) again();
    };
  }

  function take(message) {
    if (message.type === "collective_update" && String(message.data.space) === space) onFigure(message.data);
    if (message.type === "viewers" && String(message.space) === space) onViewers(message.viewers);
  }

  function again() {
    socket = undefined;
    if (answered) onLink("asking");
    failures += 1;
    retry = setTimeout(connect, 200 + Math.random() * Math.min(LONGEST_MS, 500 * 2 ** failures));
  }

  async function ask() {
    try {
      onFigure(await get("/emotions/api/collective/current/", { space }));
      answered = true;
    } catch {
      answered = false;
    }
    if (!isOpen()) onLink(answered ? "asking" : "lost");
  }

  setInterval(() => {
    if (document.hidden) return;
    ask();
    if (isOpen()) socket.send(PING);
    if (socket && performance.now() - heard > SILENT_MS + POLL_MS) {
      const silent = socket;
      again();
      silent.close();
    }
  }, POLL_MS);
  const hurry = () => {
    if (retry !== undefined && !document.hidden) connect();
  };
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  ask();
  connect();
}
