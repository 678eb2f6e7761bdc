// What was changed, when, and the way back.

import { hide, make, put, set } from "../dom.js";
import { moment } from "../units.js";
import { say } from "../words.js";
import { labelOf, titleOf, valueOf } from "./words.js";

/** Return the list of changes; `onGo(count)` hears how many of them are to hold. */
export function historyList({ onGo }) {
  const none = make("p", "none", say("history.none"));
  const list = make("ol", "steps");
  const element = make("div", "", none, list);

  function show({ history, done }, fieldOf) {
    hide(none, history.length > 0);
    const steps = history.map((step, index) => ({ step, index })).reverse();
    list.replaceChildren(...steps.map(({ step, index }) => line(step, index, done, fieldOf)));
  }

  function line(step, index, done, fieldOf) {
    const holds = index < done;
    const what = make("ul", "", ...step.changes.map((one) => make("li", "", told(one, fieldOf))));
    const when = make("time", "", moment(step.at));
    set(when, "datetime", step.at);
    const go = make("button", "plain", say(holds ? "history.before" : "history.again"));
    go.type = "button";
    go.addEventListener("click", () => onGo(holds ? index : index + 1));
    const item = make("li", holds ? "step" : "step undone", when, what, go);
    if (!holds) when.append(make("span", "", ` · ${say("history.undone")}`));
    return item;
  }

  return { element, show };
}

/** "Camera, Frames a second: 10 → 5". */
export function told(change, fieldOf) {
  const { field, group } = fieldOf(change.key);
  if (!field) return change.key;
  return say("history.change", {
    name: `${titleOf(group)}, ${labelOf(field)}`,
    before: valueOf(field, change.before ?? ("before" in change ? null : field.below)),
    after: valueOf(field, change.after ?? ("after" in change ? null : field.below)),
  });
}

/** The bar that offers to take back what was just done. */
export function undoBar({ onUndo }) {
  const bar = document.getElementById("undo");
  const said = document.getElementById("undo-said");
  document.getElementById("undo-now").addEventListener("click", onUndo);
  document.getElementById("undo-close").addEventListener("click", () => hide(bar, true));
  return {
    say(sentence) {
      put(said, sentence);
      hide(bar, false);
    },
    close: () => hide(bar, true),
  };
}
