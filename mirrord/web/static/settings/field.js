// One setting: its name, what it does, the control, what is wrong, where the value comes from.

import { hide, make, put, set } from "../dom.js";
import { say } from "../words.js";
import { control } from "./controls.js";
import { helpOf, labelOf, valueOf } from "./words.js";

/**
 * Return a row with `show(field)`, `hold(value)` (what holds now, where it is other than what is set) and `complain(sentence)`. `onChange(key, value)` hears what
 * somebody chose, `onReset(key)` that the file's value is to hold again.
 */
export function settingRow(field, { onChange, onReset }) {
  const id = `set-${field.key.replaceAll(".", "-")}`;
  const row = make("div", field.item?.kind === "table" ? "setting wide" : "setting");
  row.id = `row-${id}`;
  const group = field.kind === "list";
  const label = make(group ? "p" : "label", "label", labelOf(field));
  label.id = `${id}-label`;
  if (!group) label.htmlFor = id;
  const help = make("p", "help", helpOf(field));
  help.id = `${id}-help`;
  const wrong = make("p", "wrong");
  wrong.id = `${id}-wrong`;
  set(wrong, "role", "alert");
  wrong.hidden = true;
  const from = make("p", "from");
  const origin = make("span", "origin");
  const back = make("button", "bare back");
  back.type = "button";
  from.append(origin, back);

  let now = field;
  let shown = field.value; // what holds now may be other than what is set: a driver switched off
  const held = control(field, { id, labelledBy: label.id, describedBy: `${help.id} ${wrong.id}` }, choose);
  const about = make("div", "about", label, help);
  if (field.restart) about.append(make("p", "help late", say("settings.late")));
  if (field.fixed) about.append(make("p", "help", say("settings.fixed")));
  row.append(about, make("div", "answer", held.element, wrong, from));
  back.addEventListener("click", () => onReset(now.key));

  function choose(value, complaint = "") {
    complain(complaint);
    if (!complaint && !same(value, shown)) onChange(now.key, value);
  }

  function complain(sentence) {
    put(wrong, sentence);
    hide(wrong, !sentence);
    held.invalid(Boolean(sentence));
  }

  function show(next) {
    now = next;
    hold(next.value);
    row.dataset.from = next.from;
    put(origin, say(`from.${next.from}`));
    hide(back, next.from !== "page");
    put(back, say("from.back", { value: valueOf(next, next.below) }));
  }

  function hold(value) {
    shown = value;
    held.show(value);
  }

  row.dataset.words = `${labelOf(field)} ${helpOf(field)} ${field.key}`.toLowerCase();
  show(field);
  return { row, show, hold, complain };
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
