// The first start, step by step. Where somebody left it, it goes on: until there is a password this
// browser remembers, after that the mirror does.

import { cameraSwitch } from "../camera_switch.js";
import { showCommands } from "../commands.js";
import { at, hide, make, put, set } from "../dom.js";
import { knock } from "../knock.js";
import { get, post } from "../rest.js";
import { languagePicker } from "../language.js";
import { fill, say } from "../words.js";

import { consentStep } from "./consent.js";
import { devicesStep } from "./devices.js";
import { watch } from "./watch.js";
import { lookStep } from "./look.js";
import { passwordStep } from "./password.js";
import { cameraStep } from "./camera.js";

const STEPS = ["consent", "password", "camera", "devices", "look"];
const SECTIONS = { consent: "consent", password: "password-step", camera: "camera-step", devices: "devices-step", look: "look-step" };
const FIRST = "/emotions/api/first_steps/";
const sections = (name) => at(SECTIONS[name]);

let me = null;
let current = null;
let steps = null;

fill(document);
at("languages").append(languagePicker());
at("off").append(cameraSwitch(at("off-said")));
at("steps").append(...STEPS.map(entry));
at("next").addEventListener("click", () => go(STEPS[STEPS.indexOf(current) + 1]));
at("back").addEventListener("click", () => go(STEPS[STEPS.indexOf(current) - 1]));
at("leave").addEventListener("click", end);
await begin();
document.body.dataset.ready = "";

async function begin() {
  me = (await knock("GET", "me/")).data ?? { scopes: [], has_owner: true, how: "nobody" };
  showCommands(me.console);
  const mayGoOn = me.scopes.includes("control");
  steps = {
    consent: consentStep({ mayAgree: mayGoOn, onDone: () => go(me.has_owner && mayGoOn ? "camera" : "password") }),
    password: passwordStep({ me, onDone: signedIn, onLater: () => go("camera"), onBack: () => go("consent") }),
    camera: cameraStep(),
    devices: devicesStep(),
    look: lookStep(),
  };
  if (mayGoOn) watch((state) => [steps.camera, steps.look, steps.devices].forEach((one) => one.see(state)));
  await show(await where(mayGoOn));
}

async function where(mayGoOn) {
  if (!mayGoOn) return steps.consent.isAnswered() ? "password" : "consent";
  const first = await get(FIRST).catch(() => null);
  return first?.at ?? "consent";
}

/** There is an owner now: what they agreed to before that is told to the mirror. */
async function signedIn() {
  const agreed = await steps.consent.hand();
  await post(FIRST, { at: agreed ? "camera" : "consent" }).catch(() => {});
  location.reload(); // as the owner that they are now
}

async function go(step) {
  if (!step) {
    await end();
    return;
  }
  if (me.scopes.includes("control")) await post(FIRST, { at: step }).catch(() => {});
  await show(step);
  sections(step).querySelector("h1").focus();
  scrollTo({ top: 0 });
}

async function show(step) {
  current = step;
  set(document.body, "data-at", step);
  for (const name of STEPS) hide(sections(name), name !== step);
  const onward = me.scopes.includes("control") && step !== "consent";
  hide(at("onward"), !onward || (step === "password" && !me.has_owner));
  put(at("next"), say(step === "look" ? "steps.finish" : "steps.next"));
  hide(at("leave"), step === "look");
  document.title = `${sections(step).querySelector("h1").textContent} · ${say("steps.document")}`;
  mark();
  await steps[step].show();
}

function entry(name) {
  const button = make("button", "", make("span", "", say(`step.${name}`)));
  button.type = "button";
  button.addEventListener("click", () => go(name));
  return make("li", "", button);
}

function mark() {
  const free = me.scopes.includes("control");
  STEPS.forEach((name, index) => {
    const button = at("steps").children[index].firstChild;
    const before = index < STEPS.indexOf(current);
    button.disabled = !free && !(before || name === current);
    if (name === current) set(button, "aria-current", "step");
    else button.removeAttribute("aria-current");
    if (before) set(button, "data-done", "");
    else button.removeAttribute("data-done");
  });
}

/** The end, or the end for now: everything is to be found under Settings. */
async function end() {
  await post(FIRST, { at: null }).catch(() => {});
  location.assign("/");
}
