// This week so far against the same part of the week before.

import { MOODS } from "../chart.js";
import { at, make, put, style } from "../dom.js";
import { get } from "../rest.js";
import { number, percent, points } from "../units.js";
import { say } from "../words.js";
import { zone } from "./spans.js";

const ALIKE = 0.01;

export async function showWeeks(attempt) {
  const found = await attempt(() => get("/emotions/api/readings/weeks/", { timezone: zone }));
  if (!found) return;
  const counts = { this: number(found.this.count), before: number(found.before.count) };
  put(at("weeks-note"), found.this.count ? say("weeks.note", counts) : say("weeks.none"));
  at("weeks-rows").replaceChildren(...MOODS.map((mood) => row(mood, found)));
}

function row(mood, { this: now, before, change }) {
  const name = make("th", "", say(`mood.${mood}`));
  name.scope = "row";
  const line = make("tr", "", name, share(mood, now), share(mood, before), make("td", "", turn(change[mood])));
  style(line, "--mood", `var(--${mood})`);
  return line;
}

function share(mood, week) {
  const value = week.averages[mood];
  const cell = make("td", "level", make("i"), make("span", "", value === null ? "–" : percent(value)));
  style(cell, "--share", (value ?? 0).toFixed(4));
  return cell;
}

function turn(change) {
  if (change === null) return "–";
  if (Math.abs(change) < ALIKE) return say("weeks.alike");
  return `${change > 0 ? "↑" : "↓"} ${points(Math.abs(change))}`;
}
