// The Room page: what a mood would do before it does it, and each device by itself.

import { ask } from "../control.js";
import { at, hide, keep, put, set, style } from "../dom.js";
import { entitle, openShell } from "../shell.js";
import { say } from "../words.js";
import { isHeld, makeDevice, showDevice } from "./device.js";
import { preparePreview, showPreview } from "./preview.js";

const KINDS = ["lamp", "speaker", "thermostat", "humidifier", "sensor"];

entitle(say("room.title"));
openShell({ onState: show });
preparePreview();
at("release").addEventListener("click", () => ask({ held: nothing(wholeRoom), devices: nothing(inHand) }));

let wholeRoom = {};
let inHand = {};

const nothing = (table) => Object.fromEntries(Object.keys(table).map((key) => [key, null]));

function show(state, controls) {
  const devices = state.drivers
    .flatMap((driver) => driver.devices.map((device) => ({ ...device, driver })))
    .sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) || one.name.localeCompare(other.name));
  wholeRoom = controls.held ?? {};
  inHand = controls.devices ?? {};
  style(document.documentElement, "--glow", state.environment.lighting_color);
  put(at("lead"), lead(state, controls, devices));
  hide(at("no-devices"), devices.length > 0);
  hide(at("rule"), devices.length === 0);
  hide(at("release"), !Object.values(wholeRoom).some((value) => value !== null) && !Object.values(inHand).some(Boolean));
  keep(at("devices"), devices, (device) => `${device.driver.name}/${device.id}`, makeDevice, (item, device) =>
    showDevice(item, device, state, controls));
  showPreview(controls);
}

function lead(state, controls, devices) {
  if (!devices.length) return say("room.none");
  if (!controls.room) return say("room.paused");
  const held = devices.filter((device) => isHeld(device, controls)).length;
  if (held) return say("room.held", { count: held });
  return say(state.environment.present ? "room.answers" : "room.empty");
}
