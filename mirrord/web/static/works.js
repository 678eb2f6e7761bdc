// Whether all is well, the drivers with their switches, and the facts about the mirror itself.

import { ask } from "./control.js";
import { at, hide, keep, make, put, set } from "./dom.js";
import { sentence } from "./spoken.js";
import { clock, duration, megabytes, milliseconds, number, temperature } from "./units.js";
import { known, say } from "./words.js";

/** Show the drivers' health and the mirror's own. */
export function showWorks(state, controls) {
  showHealth(state.health);
  hide(at("no-drivers"), state.drivers.length > 0);
  keep(at("drivers"), state.drivers, (driver) => driver.name, makeDriver, (item, driver) =>
    showDriver(item, driver, controls));
  keep(at("facts"), facts(state, controls), ([key]) => key, makeFact, showFact);
  put(at("version"), say("page.version", { version: state.version }));
}

function showHealth({ state, troubles }) {
  set(at("health"), "data-state", state);
  put(at("health-word"), say(`health.${state}`));
  keep(at("troubles"), troubles, ({ part, said }) => `${part} ${said}`, makeTrouble, () => {});
}

function makeTrouble({ level, said }) {
  const item = make("li", "", said);
  item.dataset.level = level;
  return item;
}

function makeDriver(driver) {
  const toggle = make("button", "toggle", make("i"));
  toggle.type = "button";
  toggle.setAttribute("role", "switch");
  toggle.dataset.needs = "control";
  toggle.addEventListener("click", () => {
    ask({ drivers: { [driver.name]: toggle.getAttribute("aria-checked") !== "true" } });
  });
  const text = make("div", "text", make("h3"), make("p", "state"), make("p", "error"), make("p", "hint"), make("ul", "remarks"));
  return make("li", "driver", text, toggle);
}

function showDriver(item, driver, controls) {
  const [text, toggle] = item.children;
  const [title, state, error, hint, remarks] = text.children;
  set(item, "data-state", driver.state);
  put(title, driver.title);
  put(state, say(`driver.${driver.state}`));
  put(error, sentence(driver.error));
  hide(error, !driver.error);
  put(hint, driver.state === "ready" ? readyHint(driver) : say(`driver.${driver.state}.hint`));
  keep(remarks, remarksOn(driver), (one) => one, (one) => make("li", "", one), () => {});
  set(toggle, "aria-checked", String(controls.drivers[driver.name] ?? driver.enabled));
  set(toggle, "aria-label", driver.title);
}

/** What a person should know of single devices, beyond their values. */
function remarksOn({ devices }) {
  return devices.flatMap(({ name, values: { held, confirmed, problem } }) => [
    ...(held ? [say("device.held", { name })] : []),
    ...(confirmed === false && !held ? [say("device.unconfirmed", { name })] : []),
    ...(problem ? [say("device.problem", { name, problem })] : []),
  ]);
}

function readyHint({ devices, latency_ms: latency }) {
  const count = say("driver.devices", { count: devices.length });
  if (!latency) return say("driver.ready.slow", { count });
  const times = { p50: milliseconds(latency.p50), p99: milliseconds(latency.p99) };
  return say("driver.ready.hint", { count, latency: say("driver.latency", times) });
}

function facts(state, controls) {
  const { vision, session } = state;
  return [
    ["camera", camera(state.camera, controls)],
    ["sight", vision && controls.camera && state.camera.state === "open" ? sight(vision) : say("sight.none")],
    ["latency", latency(state.latency)],
    ["session", session ? visit(session) : say("session.none")],
    ["store", store(state.store)],
    ["hub", hub(state.hub)],
    ["private", ["private.pictures", ...(vision?.protections ?? []).map((one) => `private.${one}`)]
      .filter(known).map((key) => say(key)).join(" ")],
    ...(vision ? [["machine", machine(vision)]] : []),
  ];
}

function camera({ source, state, detail }, controls) {
  const shown = controls.camera ? state : "off";
  const is = say("camera.is", { source, state: say(`camera.${shown}`) });
  return detail && shown !== "off" ? `${is}. ${sentence(detail)}` : is;
}

function sight(vision) {
  const pace = known(`sight.${vision.pace}`) ? say(`sight.${vision.pace}`) : vision.pace;
  const times = { detect: milliseconds(vision.detect_ms), classify: milliseconds(vision.classify_ms) };
  return `${say("sight.pace", { fps: number(vision.fps, 1), pace })}; ${say("sight.times", times)}`;
}

function latency(figures) {
  if (!figures) return say("latency.none");
  return say("latency.is", { p50: milliseconds(figures.p50_ms), p99: milliseconds(figures.p99_ms) });
}

const visit = (session) => say("session.is", { length: duration(session.seconds), start: clock(session.started) });

function store({ state, detail, bytes, readings }) {
  const said = say("store.readings", { count: readings });
  const amount = say("store.ok", { readings: said, size: megabytes(bytes) });
  return state === "ok" ? amount : [say(`store.${state}`), sentence(detail), amount].filter(Boolean).join(" ");
}

function hub({ state, where, error }) {
  return [say(`hub.${state}`, { where }), sentence(error)].filter(Boolean).join(" ");
}

function machine(vision) {
  const memory = say("machine.memory", { memory: megabytes(vision.memory_mb * 1e6) });
  if (vision.cpu_temp_c === null) return memory;
  return `${memory}, ${say("machine.heat", { temperature: temperature(vision.cpu_temp_c) })}`;
}

function makeFact([key]) {
  return make("div", "", make("dt", "", say(`facts.${key}`)), make("dd"));
}

function showFact(item, [, text]) {
  put(item.lastChild, text);
}
