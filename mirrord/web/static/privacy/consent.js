// What was agreed to, and taking it back.

import { at, hide, put } from "../dom.js";
import { get, remove } from "../rest.js";
import { longDay } from "../units.js";
import { say } from "../words.js";

const ADDRESS = "/emotions/api/consent/";

/** Return what shows it; `trouble(error)` hears why it could not be taken back. */
export function prepareConsent(trouble) {
  at("withdraw").addEventListener("click", async () => {
    try {
      show(await remove(ADDRESS));
    } catch (error) {
      trouble(error);
    }
  });
  return async () => show(await get(ADDRESS));
}

function show({ state, needed, at: since, entries, trouble }) {
  const last = entries.at(-1);
  const values = {
    day: since ? longDay(since) : "",
    by: last?.by ? say("consent.by", { name: last.by }) : "",
    room: last?.room ? say(`consent.room.${last.room}`) : "",
  };
  const said = say(`consent.${state}`, values);
  put(at("consent-is"), [trouble, said, needed ? "" : say("consent.film")].filter(Boolean).join(" "));
  hide(at("consent-withdraw"), !["given", "kept"].includes(state));
}
