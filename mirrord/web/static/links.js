// A chain as a list of its links, each with its lines.

import { chainOf } from "./chain.js";
import { keep, make, put, style } from "./dom.js";
import { say } from "./words.js";

/** Show a chain (what `GET /emotions/api/why/` answers) as a list of its links. */
export function showChain(list, why) {
  keep(list, chainOf(why), (link) => link.key, makeLink, showLink);
}

function makeLink(link) {
  return make("li", "", make("h3", "", say(`chain.${link.key}`)), make("div", "lines"));
}

function showLink(item, link) {
  keep(item.lastChild, link.lines, (line) => line.key, makeLine, showLine);
}

function makeLine(line) {
  if (!line.formula) return make("p");
  return make("div", "rule", make("span", "part"), make("b"), make("code"), make("cite"));
}

function showLine(element, line) {
  if (!line.formula) {
    put(element, line.text);
    return;
  }
  const [part, value, formula, source] = element.children;
  put(part, line.part);
  put(value, line.text);
  if (line.colour) style(value, "--swatch", line.colour);
  value.classList.toggle("swatch", Boolean(line.colour));
  put(formula, line.formula);
  put(source, line.source);
}
