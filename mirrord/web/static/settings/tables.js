// A list of things with several values each, such as thermostats: edited as a whole, then kept.

import { hide, make, put, set } from "../dom.js";
import { say } from "../words.js";
import { control } from "./controls.js";
import { helpOf, labelOf } from "./words.js";

export function tablesControl(field, marks, choose) {
  const cards = make("div", "cards");
  const add = button("plain", say("list.add_one"));
  const keep = button("plain strong", say("list.keep"));
  const discard = button("bare", say("list.discard"));
  const box = make("div", "tables", cards, make("div", "buttons", add, keep, discard));
  box.id = marks.id;
  set(box, "role", "group");
  set(box, "aria-labelledby", marks.labelledBy);
  let kept = [];
  let edited = [];

  const fields = field.item.fields.map((one) => ({ ...one, key: `${field.key}.${one.name}` }));
  const touched = () => JSON.stringify(edited) !== JSON.stringify(kept);

  add.addEventListener("click", () => {
    edited.push({});
    draw();
    cards.lastElementChild.querySelector("input, select").focus();
  });
  keep.addEventListener("click", () => choose(edited));
  discard.addEventListener("click", () => {
    edited = structuredClone(kept);
    draw();
    choose(kept);
  });

  function draw() {
    cards.replaceChildren(...edited.map(card));
    mark();
  }

  function mark() {
    hide(keep, !touched());
    hide(discard, !touched());
  }

  function card(values, index) {
    const title = make("p", "card-title");
    const name = () => put(title, values.name || values.topic || say("list.new"));
    const remove = button("bare remove", say("list.remove_one"));
    remove.addEventListener("click", () => {
      edited.splice(index, 1);
      draw();
      add.focus();
    });
    const rows = fields.map((one) => inner(one, values, index, () => {
      name();
      mark();
    }));
    const first = rows.filter(({ wanted }) => wanted).map(({ row }) => row);
    const others = rows.filter(({ wanted }) => !wanted).map(({ row }) => row);
    const more = make("details", "", make("summary", "", say("settings.more")), ...others);
    name();
    return make("div", "card", make("div", "card-head", title, remove), ...first, ...(others.length ? [more] : []));
  }

  /** One value of an entry; what is left out takes its default. */
  function inner(one, values, index, told) {
    const id = `${marks.id}-${index}-${one.name}`;
    const label = make("label", "", labelOf(one));
    label.id = `${id}-label`;
    label.htmlFor = id;
    const wrong = make("p", "wrong");
    wrong.id = `${id}-wrong`;
    wrong.hidden = true;
    const held = control(one, { id, labelledBy: label.id, describedBy: wrong.id }, (value, complaint = "") => {
      put(wrong, complaint);
      hide(wrong, !complaint);
      if (complaint) return;
      if (value === one.default) delete values[one.name];
      else values[one.name] = value;
      held.show(value);
      told();
    });
    held.show(values[one.name] ?? one.default ?? one.choices?.[0]);
    if (one.kind === "choice" && values[one.name] === undefined && one.default === undefined) values[one.name] = one.choices[0];
    const row = make("div", "inner-row", label, held.element, wrong);
    if (helpOf(one)) row.append(make("p", "help", helpOf(one)));
    return { row, wanted: one.default === undefined || one.name in values || one.name === "name" };
  }

  function show(value) {
    const before = touched();
    kept = structuredClone(value ?? []).map(bare);
    if (before && cards.children.length && box.contains(document.activeElement) && touched()) return;
    edited = structuredClone(kept);
    draw();
  }

  /** Without what is the default anyway. */
  const bare = (values) =>
    Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== fields.find((one) => one.name === name)?.default));

  return { element: box, show, invalid: (yes) => box.classList.toggle("bad", yes) };
}

function button(name, text) {
  const made = make("button", name, text);
  made.type = "button";
  return made;
}
