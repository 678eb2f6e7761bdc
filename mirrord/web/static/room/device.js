// One device: how it is, how much of the mood it takes, and what a person has taken in hand.

import { ask } from "../control.js";
import { hide, make, put, set, style } from "../dom.js";
import { percent, temperature } from "../units.js";
import { known, say } from "../words.js";

const STEP_C = 0.5;
const RANGE_C = [5, 30];

/** Tell whether a person has changed something of it, here or elsewhere. */
export const isHeld = (device, controls) =>
  Boolean(device.values.held || changedHere(device, controls));

function changedHere(device, controls) {
  const hand = controls.devices?.[device.id];
  return Boolean(hand && (hand.color || hand.brightness !== null || hand.setpoint_c !== null))
    || (device.kind === "speaker" && controls.held?.volume != null);
}

export function makeDevice(device) {
  const head = make("div", "what", make("i", "swatch"), make("h3", "name"), make("p", "how"));
  const item = make("li", `device ${device.kind}`, head, make("div", "hands", ...(MAKERS[device.kind]?.(device) ?? [])));
  const back = make("button", "plain back", say("device.follow"));
  back.type = "button";
  set(back, "data-needs", "control");
  back.addEventListener("click", () => follow(device));
  item.append(make("p", "why"), back);
  return item;
}

/** Back to the mood, also for a device that was changed at its own switch or in its app. */
function follow(device) {
  ask({ devices: { [device.id]: { follow: true } }, ...(device.kind === "speaker" ? { held: { volume: null } } : {}) });
}

const MAKERS = {
  lamp: (device) => [
    row(device, "gain", range(device, "gain", 0, 1, 0.05, (value) => ask({ gains: { [device.id]: value } }))),
    row(device, "brightness", range(device, "brightness", 0, 1, 0.05, (value) => take(device, { brightness: value }))),
    row(device, "colour", colour(device)),
  ],
  speaker: (device) => [
    row(device, "gain", range(device, "gain", 0, 1, 0.05, (value) => ask({ gains: { [device.id]: value } }))),
    row(device, "volume", range(device, "volume", 0, 0.3, 0.01, (value) => ask({ held: { volume: value } }))),
  ],
  thermostat: (device) => [row(device, "setpoint", stepper(device))],
};

let latest = {}; // what was last shown of each device, and what is in hand

function take(device, change) {
  const { color = null, brightness = null, setpoint_c = null } = latest[device.id]?.hand ?? {};
  ask({ devices: { [device.id]: { color, brightness, setpoint_c, ...change } } });
}

const idOf = (device, part) => `${part}-${device.driver.name}-${device.id}`;

function row(device, part, control) {
  const label = make("label", "", say(`device.${part}`));
  label.htmlFor = idOf(device, part);
  const said = make("output");
  said.htmlFor = idOf(device, part);
  return make("div", `row ${part}`, label, control, said);
}

function range(device, part, min, max, step, change) {
  const input = make("input");
  Object.assign(input, { type: "range", min, max, step, id: idOf(device, part) });
  input.addEventListener("input", () => change(Number(input.value)));
  return input;
}

function colour(device) {
  const input = make("input");
  Object.assign(input, { type: "color", id: idOf(device, "colour") });
  input.addEventListener("input", () => take(device, { color: input.value.toUpperCase() }));
  return input;
}

function stepper(device) {
  const wanted = make("span", "wanted");
  wanted.id = idOf(device, "setpoint");
  return make("span", "stepper", step(device, -STEP_C, "−"), wanted, step(device, STEP_C, "+"));
}

function step(device, by, sign) {
  const button = make("button", "plain", sign);
  button.type = "button";
  set(button, "data-needs", "control");
  set(button, "aria-label", say(by < 0 ? "device.cooler" : "device.warmer", { name: device.name }));
  button.addEventListener("click", () => {
    const { setpoint } = latest[device.id] ?? {};
    if (setpoint == null) return;
    take(device, { setpoint_c: Math.min(RANGE_C[1], Math.max(RANGE_C[0], setpoint + by)) });
  });
  return button;
}

export function showDevice(item, device, state, controls) {
  const { values } = device;
  const hand = controls.devices?.[device.id] ?? null;
  latest[device.id] = { hand, setpoint: hand?.setpoint_c ?? values.setpoint_c ?? null };
  put(item.querySelector(".name"), device.name);
  put(item.querySelector(".how"), HOW[device.kind]?.(values) ?? "");
  style(item, "--colour", hand?.color ?? values.color ?? state.environment.lighting_color);
  style(item, "--lit", Number(shines(device) ? values.brightness ?? values.volume ?? 1 : 0).toFixed(3));
  SHOW[device.kind]?.(item, device, hand, controls);
  const held = isHeld(device, controls);
  set(item, "data-held", String(held));
  put(item.querySelector(".why"), held ? say(changedHere(device, controls) ? "device.held_here" : "device.held_elsewhere") : "");
  hide(item.querySelector(".back"), !held);
}

const shines = ({ kind, values }) => (kind === "speaker" ? values.playing : values.on && values.reachable !== false);

const HOW = {
  lamp: (values) => (values.reachable === false ? say("device.away") : values.on ? percent(values.brightness ?? 1) : say("device.off")),
  speaker: (values) => (values.playing ? say("device.playing", { volume: percent(values.volume ?? 0) }) : say("device.silent")),
  thermostat: (values) => (values.measured_c == null ? "" : say("device.measured", { measured: temperature(values.measured_c) })),
  humidifier: (values) => say("device.humidity", {
    target: percent((values.target_pct ?? 0) / 100),
    measured: values.measured_pct == null ? "–" : percent(values.measured_pct / 100),
  }),
  sensor: (values) => [
    values.temperature_c == null ? null : temperature(values.temperature_c),
    values.humidity_pct == null ? null : percent(values.humidity_pct / 100),
    known(`air.${values.air_quality}`) ? say(`air.${values.air_quality}`) : null,
  ].filter(Boolean).join(" · "),
};

const SHOW = {
  lamp(item, device, hand, controls) {
    slide(item, "gain", controls.gains?.[device.id] ?? 1);
    slide(item, "brightness", hand?.brightness ?? device.values.brightness ?? 0);
    const input = item.querySelector(".colour input");
    const shown = (hand?.color ?? device.values.color ?? "#FFD9A8").toLowerCase();
    if (document.activeElement !== input) input.value = shown;
    put(item.querySelector(".colour output"), hand?.color ? say("device.own") : "");
  },
  speaker(item, device, hand, controls) {
    slide(item, "gain", controls.gains?.[device.id] ?? 1);
    slide(item, "volume", controls.held?.volume ?? device.values.volume ?? 0);
  },
  thermostat(item, device) {
    const { setpoint } = latest[device.id];
    put(item.querySelector(".wanted"), setpoint == null ? "–" : temperature(setpoint));
  },
};

function slide(item, part, value) {
  const input = item.querySelector(`.${part} input`);
  if (document.activeElement !== input) input.value = value;
  put(item.querySelector(`.${part} output`), percent(value));
}
