// Finding a setting by any word of its name, its explanation or its key.

import { at, hide, put } from "../dom.js";
import { say } from "../words.js";

/** Show the settings that have every word of `text`, unfolded; all of them for no word. */
export function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const searching = words.length > 0;
  let count = 0;
  for (const section of document.querySelectorAll("#groups > section")) {
    const here = sift(section, words);
    hide(section, searching && !here);
    count += here;
  }
  document.body.dataset.searching = searching ? "yes" : "no";
  put(at("found"), searching ? say("settings.found", { count }) : "");
}

/** Return how many settings of a section have every word. */
function sift(section, words) {
  const title = section.querySelector("h2").textContent.toLowerCase();
  const rows = [...section.querySelectorAll(".setting")];
  for (const row of rows) hide(row, !words.every((word) => row.dataset.words.includes(word) || title.includes(word)));
  for (const fold of section.querySelectorAll("details.expert")) {
    const inside = [...fold.querySelectorAll(".setting")].some((row) => !row.hidden);
    hide(fold, !inside);
    fold.open = words.length > 0 && inside;
  }
  return rows.filter((row) => !row.hidden).length;
}
