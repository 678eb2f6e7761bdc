// Taking the records along: the address of the file follows what is chosen.

import { at, make } from "../dom.js";
import { say } from "../words.js";

const FORMATS = ["json", "jsonl", "csv", "parquet"];
const DAYS = { all: null, day: 1, week: 7, month: 30, year: 365 };

export function prepareExport() {
  at("format").append(...FORMATS.map((name) => option(name, say(`format.${name}`))));
  at("export-span").append(...Object.keys(DAYS).map((name) => option(name, say(`export.${name}`))));
  at("export").addEventListener("change", aim);
  at("export").addEventListener("submit", (event) => event.preventDefault());
  aim();
}

export function option(value, text) {
  const element = make("option", "", text);
  element.value = value;
  return element;
}

function aim() {
  const query = new URLSearchParams({ format: at("format").value });
  const days = DAYS[at("export-span").value];
  if (days) query.set("days", days);
  if (at("with-room").checked) query.set("include_environment", "true");
  at("download").href = `/emotions/api/export/?${query}`;
}
