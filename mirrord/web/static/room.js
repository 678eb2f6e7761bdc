// The room: lamps in their own colours, sound, warmth, air. What is not there is said.

import { at, hide, keep, make, put, set, style } from "./dom.js";
import { bareTemperature, hertz, note, number, percent, temperature } from "./units.js";
import { say } from "./words.js";
import { Wave } from "./wave.js";

const COLDEST = 16;
const WARMEST = 28;
const NEAR_C = 0.3;

const wave = new Wave(at("wave"));
let absent = say; // the word for what is not there

/** Show every device as its driver last saw it. */
export function showRoom(state, controls) {
  const devices = state.drivers.flatMap((driver) =>
    driver.devices.map((device) => ({ ...device, key: `${driver.name}/${device.id}`, driver })),
  );
  const of = (kind) => devices.filter((device) => device.kind === kind);
  put(at("room-state"), roomState(state, controls, devices));
  // Devices that were given back are not listed: that is no sign that there are none.
  const closed = (!controls.room || state.mode === "still") && state.drivers.some((driver) => driver.enabled);
  absent = (key) => say(closed ? "room.given_back" : key);
  showLamps(of("lamp"), closed);
  showSound(of("speaker"), state, controls);
  showWarmth(of("thermostat"), state);
  showAir(of("humidifier"), of("sensor"), state);
}

function roomState(state, controls, devices) {
  if (!controls.room) return say("room.paused");
  if (state.mode === "still") return say("room.empty"); // devices that were given back are not listed
  if (!devices.length) return say("room.none");
  return say(state.environment?.present ? "room.answers" : "room.empty");
}

function showLamps(lamps, closed) {
  hide(at("lamps"), lamps.length === 0);
  hide(at("no-lamps"), lamps.length > 0 || closed);
  keep(at("lamps"), lamps, (lamp) => lamp.key, makeLamp, showLamp);
  const lit = lamps.filter((lamp) => lamp.values.on && lamp.values.reachable !== false);
  put(at("light-value"), lightValue(lamps, lit));
  put(at("light-note"), lamps.length ? say("light.lit", { lit: number(lit.length), count: lamps.length }) : absent("light.none"));
}

function lightValue(lamps, lit) {
  if (!lamps.length) return "–";
  if (!lit.length) return say("light.off");
  return percent(Math.max(...lit.map((lamp) => lamp.values.brightness ?? 1)));
}

function makeLamp() {
  return make("li", "lamp", make("i", "cord"), make("i", "bulb"), make("span", "name"), make("span", "how"));
}

function showLamp(item, lamp) {
  const { on, color, brightness, reachable } = lamp.values;
  const away = reachable === false;
  const lit = on && !away ? brightness ?? 1 : 0;
  const how = away ? say("lamp.away") : lit ? percent(lit) : say("lamp.off");
  set(item, "data-state", away ? "away" : lit ? "lit" : "dark");
  style(item, "--colour", color ?? "#FFD9A8");
  style(item, "--lit", Number(lit).toFixed(3));
  put(item.querySelector(".name"), lamp.name);
  put(item.querySelector(".how"), how);
}

function showSound(speakers, state, controls) {
  const environment = state.environment;
  const speaker = speakers.find((one) => one.values.playing) ?? speakers[0];
  const playing = Boolean(speaker?.values.playing) && !controls.mute;
  const volume = playing ? speaker.values.volume ?? 0 : 0;
  wave.show({ hertz: environment?.audio_frequency_hz ?? 220, volume, colour: environment?.lighting_color ?? "#FFD9A8" });
  put(at("sound-value"), soundWord(speaker, playing, environment, controls));
  put(at("sound-note"), soundNote(speaker, playing && environment, volume));
  hide(at("wave"), !speaker);
}

function soundWord(speaker, playing, environment, controls) {
  if (!speaker) return "–";
  if (controls.mute) return say("sound.muted");
  return playing && environment ? say(`sound.${environment.audio_tone}`) : say("sound.silent");
}

function soundNote(speaker, environment, volume) {
  if (!speaker) return absent("sound.none");
  if (!environment) return speaker.values.device ?? speaker.name;
  return say("sound.playing", {
    note: note(environment.audio_frequency_hz),
    frequency: hertz(environment.audio_frequency_hz),
    tempo: number(environment.audio_tempo_bpm),
    volume: percent(volume),
  });
}

function showWarmth(thermostats, state) {
  const [first, ...others] = thermostats;
  const goal = first?.values.setpoint_c ?? null;
  const now = first?.values.measured_c ?? state.measured?.temperature_c ?? null;
  const shown = goal ?? now;
  put(at("warmth-value"), shown === null ? "–" : bareTemperature(shown));
  const rest = others.filter((one) => one.values.setpoint_c != null).map((one) =>
    say("warmth.other", { name: one.name, setpoint: temperature(one.values.setpoint_c) }));
  put(at("warmth-note"), [warmthNote(first, goal, now), ...rest].join(" · "));
  hide(at("scale"), shown === null);
  showScale(goal, now);
}

function warmthNote(first, goal, now) {
  const measured = now === null ? "" : temperature(now);
  if (!first) return now === null ? absent("warmth.none") : `${absent("warmth.none")}, ${say("warmth.measured", { measured })}`;
  if (first.values.held) return say("warmth.held");
  if (now === null) return say("warmth.unmeasured");
  const gap = goal === null ? 0 : goal - now;
  const way = goal === null ? "measured" : Math.abs(gap) < NEAR_C ? "there" : gap > 0 ? "rising" : "falling";
  return say(`warmth.${way}`, { measured });
}

function showScale(goal, now) {
  const scale = at("scale");
  const share = (celsius) => Math.min(1, Math.max(0, (celsius - COLDEST) / (WARMEST - COLDEST))).toFixed(3);
  hide(scale.querySelector(".goal"), goal === null);
  hide(scale.querySelector(".now"), now === null);
  if (goal !== null) style(scale, "--goal", share(goal));
  if (now !== null) style(scale, "--now", share(now));
  put(scale.querySelector(".low"), bareTemperature(COLDEST));
  put(scale.querySelector(".high"), bareTemperature(WARMEST));
}

function showAir(humidifiers, sensors, state) {
  const quality = state.measured?.air_quality ?? null;
  const humidity = state.measured?.humidity_pct ?? null;
  put(at("air-value"), quality ? say(`air.${quality}`) : humidity === null ? "–" : percent(humidity / 100));
  const notes = [
    quality ? null : humidity === null && !sensors.length ? absent("air.none") : say("air.unmeasured"),
    humidity === null ? (sensors.length ? say("air.no_humidity") : null) : say("air.humidity", { humidity: percent(humidity / 100) }),
    ...humidifiers.map(humidifierNote),
  ].filter(Boolean);
  keep(at("air-notes"), notes, (text) => text, (text) => make("li", "", text), () => {});
}

function humidifierNote({ name, values }) {
  if (!values.on) return say("air.humidifier_off", { name });
  return say("air.humidifier", { name, target: percent((values.target_pct ?? 0) / 100) });
}
