// A list of words or numbers: one line each, to be changed, removed and added to.

import { make, set } from "../dom.js";
import { say } from "../words.js";
import { valueOf } from "./words.js";

export function listControl(field, marks, choose) {
  const box = make("div", "list");
  box.id = marks.id;
  set(box, "role", "group");
  set(box, "aria-labelledby", marks.labelledBy);
  set(box, "aria-describedby", marks.describedBy);
  let values = [];

  function draw() {
    const lines = values.map((value, index) => line(value, index));
    const add = make("input");
    add.placeholder = say("list.add");
    add.spellcheck = false;
    set(add, "aria-label", say("list.add"));
    add.addEventListener("change", () => give([...values, meant(add.value)]));
    const none = values.length ? [] : [make("p", "none", valueOf(field, []))];
    box.replaceChildren(...none, ...lines, make("div", "line", add));
  }

  function line(value, index) {
    const input = make("input");
    input.value = value;
    input.spellcheck = false;
    set(input, "aria-label", say("list.entry", { number: index + 1 }));
    input.addEventListener("change", () => give(values.map((one, at) => (at === index ? meant(input.value) : one))));
    const remove = make("button", "bare remove", "×");
    remove.type = "button";
    set(remove, "aria-label", say("list.remove", { name: value }));
    remove.addEventListener("click", () => give(values.filter((_, at) => at !== index)));
    return make("div", "line", input, remove);
  }

  const meant = (text) => (field.item.numbers && /^\d+$/.test(text.trim()) ? Number(text) : text.trim());

  function give(next) {
    choose(next.filter((one) => one !== ""));
  }

  function show(value) {
    const same = JSON.stringify(value) === JSON.stringify(values) && box.children.length;
    if (same) return;
    const inside = box.contains(document.activeElement);
    values = [...value];
    draw();
    if (inside) box.lastElementChild.querySelector("input").focus();
  }

  return { element: box, show, invalid: (yes) => box.classList.toggle("bad", yes) };
}
