// The control of each kind of value. Each has `element`, `show(value)` and `invalid(yes)`.

import { make, put, set, style } from "../dom.js";
import { duration, percent } from "../units.js";
import { say } from "../words.js";
import { listControl } from "./list.js";
import { tablesControl } from "./tables.js";
import { choiceOf, complaintAbout, isShare, unitOf, valueOf } from "./words.js";

const LONG_S = 120;

/** `choose(value, complaint)` hears what somebody chose, or why it cannot be. */
export function control(field, marks, choose) {
  if (field.kind === "switch") return switchControl(marks, choose);
  if (field.kind === "choice") return choiceControl(field, marks, choose);
  if (field.kind === "list" && field.item.kind === "table") return tablesControl(field, marks, choose);
  if (field.kind === "list") return listControl(field, marks, choose);
  if (isShare(field)) return shareControl(field, marks, choose);
  if (field.kind === "number" || field.kind === "whole") return numberControl(field, marks, choose);
  return textControl(field, marks, choose);
}

function marked(element, marks) {
  element.id = marks.id;
  set(element, "aria-describedby", marks.describedBy);
  return element;
}

const invalid = (element) => (yes) => set(element, "aria-invalid", String(yes));

function switchControl(marks, choose) {
  const button = marked(make("button", "flip"), marks);
  button.type = "button";
  set(button, "role", "switch");
  set(button, "aria-labelledby", marks.labelledBy);
  const knob = make("i");
  set(knob, "aria-hidden", "true");
  const word = make("span", "state");
  button.append(knob, word);
  button.addEventListener("click", () => choose(button.getAttribute("aria-checked") !== "true"));
  const show = (value) => {
    set(button, "aria-checked", String(Boolean(value)));
    put(word, say(value ? "value.on" : "value.off"));
  };
  return { element: button, show, invalid: invalid(button) };
}

function choiceControl(field, marks, choose) {
  const select = marked(make("select"), marks);
  for (const value of field.choices) {
    const option = make("option", "", choiceOf(field, value));
    option.value = String(value);
    select.append(option);
  }
  select.addEventListener("change", () => choose(field.choices.find((one) => String(one) === select.value)));
  return { element: select, show: (value) => (select.value = String(value)), invalid: invalid(select) };
}

function shareControl(field, marks, choose) {
  const input = marked(make("input"), marks);
  input.type = "range";
  input.min = field.min;
  input.max = field.max;
  input.step = field.max / 100;
  const said = make("output");
  said.htmlFor = input.id;
  const tell = () => {
    put(said, percent(Number(input.value)));
    set(input, "aria-valuetext", said.textContent);
    style(input, "--value", (Number(input.value) / field.max).toFixed(3));
  };
  input.addEventListener("input", tell);
  input.addEventListener("change", () => choose(Number(input.value)));
  const show = (value) => {
    input.value = value;
    tell();
  };
  return { element: make("div", "share", input, said), show, invalid: invalid(input) };
}

function numberControl(field, marks, choose) {
  const input = marked(make("input"), marks);
  input.type = "number";
  input.step = "any";
  if (field.kind === "whole") input.inputMode = "numeric";
  else input.inputMode = "decimal";
  if (field.optional) input.placeholder = valueOf(field, null);
  input.addEventListener("change", () => {
    if (field.optional && input.value === "" && !input.validity.badInput) choose(null);
    else choose(input.valueAsNumber, complaintAbout(field, input.valueAsNumber));
  });
  const unit = make("span", "unit");
  const show = (value) => {
    write(input, value ?? "");
    const long = field.unit === "s" && value >= LONG_S ? ` (${duration(value)})` : "";
    put(unit, unitOf(field) + long);
  };
  const element = make("div", field.optional ? "number optional" : "number", input, unit);
  return { element, show, invalid: invalid(input) };
}

function textControl(field, marks, choose) {
  const input = marked(make("input"), marks);
  input.type = field.secret ? "password" : "text";
  input.autocomplete = "off";
  input.spellcheck = false;
  if (field.longest) input.maxLength = field.longest;
  input.placeholder = valueOf(field, "");
  input.readOnly = Boolean(field.fixed);
  const element = field.examples ? suggested(input, field.examples) : input;
  input.addEventListener("change", () => {
    if (field.shortest && !input.value.trim()) choose(input.value, say("error.empty"));
    else choose(meant(field, input.value.trim()));
  });
  return { element, show: (value) => write(input, value ?? ""), invalid: invalid(input) };
}

function suggested(input, examples) {
  const list = make("datalist", "", ...examples.map((one) => make("option", "", one)));
  list.id = `${input.id}-examples`;
  set(input, "list", list.id);
  return make("div", "", input, list);
}

/** A name or a number: digits alone are a number. */
export const meant = (field, text) => (field.numbers && /^\d+$/.test(text) ? Number(text) : text);

/** Somebody who is typing is not interrupted. */
function write(input, value) {
  if (document.activeElement === input && input.value !== "" && input.matches("[aria-invalid=true]")) return;
  if (input.value !== String(value)) input.value = value;
}
