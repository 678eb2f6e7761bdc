// The two ways in: the first password, and signing in. The camera goes off here without either.

import { make, put, set } from "./dom.js";
import { answerForm } from "./form.js";
import { knock } from "./knock.js";
import { languagePicker } from "./language.js";
import { icon, path } from "./shell.js";
import { fill, say } from "./words.js";

const at = (id) => document.getElementById(id);
const way = location.pathname === "/welcome" ? "welcome" : "login";

fill(document);
document.title = say(`${way}.title`);
at(way).hidden = false;
at("languages").append(languagePicker());
at("off").append(cameraOff());
if (way === "welcome") at("name").value = say("welcome.name");
answerForm(at("login-form"), (typed) => knock("POST", "session/", typed), enter);
answerForm(at("welcome-form"), (typed) => knock("POST", "welcome/", typed), enter);
skipIfSignedIn();
if (matchMedia("(hover: hover)").matches) at(way).querySelector("input").focus(); // not under a phone's keyboard
document.body.dataset.ready = "";

function enter() {
  location.replace(wanted());
}

/** Where the reader was on the way to: a page of the mirror, never an address elsewhere. */
function wanted() {
  const next = new URL(new URLSearchParams(location.search).get("next") ?? "/", location.origin);
  return next.origin === location.origin ? next.pathname + next.search : "/";
}

/** A link from elsewhere brings no cookie along, so whoever has signed in may land here. */
async function skipIfSignedIn() {
  const answer = await knock("GET", "me/");
  if (way === "login" && answer.data?.user) enter();
  if (answer.data?.how === "local") put(at("welcome-lead"), say("welcome.lead_here"));
}

function cameraOff() {
  const lens = icon("lens");
  lens.append(path("slash"));
  const button = make("button", "switch", lens, make("span", "", say("controls.camera_off")));
  button.type = "button";
  button.addEventListener("click", async () => {
    put(at("off-said"), await switchOff() ? say("off.done") : say("wrong.no_answer"));
    set(button, "data-done", "yes");
  });
  return button;
}

async function switchOff() {
  try {
    const response = await fetch("/control", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ camera: false }),
      signal: AbortSignal.timeout(10_000),
    });
    return response.ok;
  } catch {
    return false;
  }
}
