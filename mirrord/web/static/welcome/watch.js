// The mirror as it is now, for the steps that look at it.

import { follow } from "../live.js";
import { useLocale } from "../units.js";

/** Call `onState(state)` with every state. */
export function watch(onState) {
  follow((state) => {
    useLocale(state.locale);
    onState(state);
  }, () => {});
}
