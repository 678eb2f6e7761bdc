// The choice of a language, at the foot of every page.

import { make } from "./dom.js";
import { choose, chosen, language, languages, say } from "./words.js";

export function languagePicker() {
  const picker = Object.assign(make("select"), { id: "language" });
  const names = { "": say("shell.language_auto"), ...languages };
  for (const [tag, name] of Object.entries(names)) {
    const option = make("option", "", name);
    option.value = tag;
    if (tag) option.lang = tag;
    picker.append(option);
  }
  picker.value = chosen ? language : "";
  picker.addEventListener("change", () => choose(picker.value));
  const label = make("label", "", say("shell.language"));
  label.htmlFor = "language";
  return make("span", "language", label, picker);
}
