// Which expression followed which: a table whose cells are the darker the more often that was so.

import { at, make, put, style } from "../dom.js";
import { number } from "../units.js";
import { known, say } from "../words.js";

/** Show the expressions that were seen at all; those that stay are counted, but not shaded. */
export function showTurns({ names, counts }) {
  const seen = names.map((_, index) => index).filter((one) => names.some((__, other) => counts[one][other] || counts[other][one]));
  const changes = seen.flatMap((row) => seen.filter((column) => column !== row).map((column) => [counts[row][column], row, column]));
  const most = Math.max(1, ...changes.map(([count]) => count));
  put(at("turns-note"), note(changes, names));
  at("turns").replaceChildren(head(seen, names), make("tbody", "", ...seen.map((row) => line(row, seen, names, counts, most))));
}

const word = (name) => (known(`expression.${name}`) ? say(`expression.${name}`) : name);

function note(changes, names) {
  const [count, row, column] = changes.reduce((one, other) => (other[0] > one[0] ? other : one), [0]);
  if (!count) return say("turns.none");
  return say("turns.note", { before: word(names[row]), after: word(names[column]), count: number(count) });
}

function head(seen, names) {
  const corner = make("th", "soft", say("turns.corner"));
  corner.scope = "col";
  return make("thead", "", make("tr", "", corner, ...seen.map((column) => scoped("col", word(names[column])))));
}

function scoped(scope, text) {
  const cell = make("th", "", text);
  cell.scope = scope;
  return cell;
}

function line(row, seen, names, counts, most) {
  return make("tr", "", scoped("row", word(names[row])), ...seen.map((column) => {
    const stays = row === column;
    const cell = make("td", stays ? "stays" : "", counts[row][column] ? number(counts[row][column]) : "·");
    style(cell, "--share", stays ? "0" : (counts[row][column] / most).toFixed(3));
    return cell;
  }));
}
