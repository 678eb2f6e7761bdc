// What the room does with the mood: shows it, opposes it, leads it, or only keeps records.

import { ask } from "./control.js";
import { at, hide, make, put, set, style } from "./dom.js";
import { announce } from "./news.js";
import { duration, number } from "./units.js";
import { say } from "./words.js";

const MODES = ["mirror", "counter", "guide", "still"];
const GOALS = ["joy", "calm", "energy", "melancholy"];

let before = null;

/** Make the choice of modes and of the goal. */
export function prepareModes() {
  const choice = make("div", "choice", ...MODES.map(modeButton));
  set(choice, "role", "radiogroup");
  set(choice, "aria-label", say("mode.label"));
  const goal = make("select");
  goal.id = "goal";
  for (const name of GOALS) goal.append(new Option(say(`mood.${name}`), name));
  goal.addEventListener("change", () => ask({ goal: goal.value }));
  const label = make("label", "", say("mode.goal"));
  label.htmlFor = "goal";
  const bar = make("div", "progress", make("i"));
  bar.id = "progress";
  set(bar, "role", "progressbar");
  set(bar, "aria-label", say("mode.progress"));
  set(bar, "aria-valuemin", 0);
  set(bar, "aria-valuemax", 100);
  const guide = make("div", "guide", make("p", "goal", label, goal), bar, make("p", "stage"));
  guide.id = "guide";
  at("modes").append(choice, make("p", "does"), guide);
}

function modeButton(name) {
  const input = make("input");
  Object.assign(input, { type: "radio", name: "mode", value: name, id: `mode-${name}` });
  input.addEventListener("change", () => ask({ mode: name }));
  const label = make("label", "", say(`mode.${name}`));
  label.htmlFor = input.id;
  return make("span", "", input, label);
}

/** Show which mode holds, and how far a guide has come. */
export function showModes(state, controls) {
  const mode = controls.mode ?? state.mode;
  const goal = controls.goal ?? state.goal;
  for (const name of MODES) at(`mode-${name}`).checked = name === mode;
  put(at("modes").querySelector(".does"), say(`mode.${mode}.does`));
  hide(at("guide"), mode !== "guide");
  if (document.activeElement !== at("goal")) at("goal").value = goal;
  if (mode === "guide" && state.guide) showGuide(state.guide, controls);
  if (before === "guide" && mode !== "guide" && controls.hand) announce(say("mode.ended"));
  before = mode;
}

function showGuide(guide, controls) {
  const bar = at("progress");
  style(bar, "--share", guide.share.toFixed(3));
  set(bar, "aria-valuenow", Math.round(100 * guide.share));
  const stage = controls.room ? guide.stage : "waiting";
  const text = say(`mode.stage.${stage}`, {
    step: number(guide.step),
    steps: number(guide.steps),
    left: duration(Math.max(1, guide.seconds_left)),
  });
  set(bar, "aria-valuetext", text);
  put(at("guide").querySelector(".stage"), text);
}
