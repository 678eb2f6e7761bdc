// What settings and their values are called: from the catalogue, or else by what the driver says.

import { say } from "../words.js";
import { number, percent } from "../units.js";
import { told } from "./titles.js";

export { aboutOf, titleOf } from "./titles.js";

export const labelOf = ({ key, label }) => told(`set.${key}`, told(`set.${ofAny(key)}`, label));
export const helpOf = ({ key, help }) => told(`help.${key}`, told(`help.${ofAny(key)}`, help ?? ""));
export const choiceOf = (field, value) => (value === "" ? valueOf(field, value) : told(`choice.${field.key}.${value}`, String(value)));
export const unitOf = (field) => (field.unit ? told(`unit.${field.unit}`, field.unit) : "");

/** What every driver has by itself is called the same, also where nobody here knows the driver. */
const ofAny = (key) => key.replace(/^drivers\.\w+\./, "drivers.any.");

/** A share of the whole, which a slider suits. */
export const isShare = (field) => field.kind === "number" && field.min === 0 && field.max <= 1;

/** A value in a person's words. */
export function valueOf(field, value) {
  if (value === undefined) return say("value.file");
  if (value === null || value === "") return told(`empty.${field.key}`, say("value.none"));
  if (field.kind === "switch") return say(value ? "value.on" : "value.off");
  if (field.kind === "choice") return choiceOf(field, value);
  if (field.kind === "list") return listed(field, value);
  if (isShare(field)) return percent(value);
  if (typeof value === "number" && !field.numbers) return [plain(value), unitOf(field)].filter(Boolean).join(" ");
  return String(value);
}

function listed(field, value) {
  if (!value.length) return told(`empty.${field.key}`, say("value.none"));
  if (field.item.kind === "table") return say("value.entries", { count: value.length });
  return value.join(", ");
}

function plain(value) {
  const digits = String(value).split(".")[1]?.length ?? 0;
  return value >= 10_000 || Number.isInteger(value) ? String(value) : number(value, Math.min(digits, 3));
}

/** Why a number cannot be, or nothing. */
export function complaintAbout(field, value) {
  if (!Number.isFinite(value)) return say("error.number");
  if (field.kind === "whole" && !Number.isInteger(value)) return say("error.whole");
  const low = field.min ?? field.above;
  const high = field.max;
  const under = field.min !== undefined ? value < field.min : field.above !== undefined && value <= field.above;
  if (!under && !(field.max !== undefined && value > field.max)) return "";
  if (low === undefined) return say("error.most", { high: plain(high) });
  if (high === undefined) return say("error.least", { low: plain(low) });
  return say(field.min === undefined ? "error.above" : "error.range", { low: plain(low), high: plain(high) });
}
