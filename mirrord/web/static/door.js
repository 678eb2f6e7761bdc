// Signing in. The camera goes off here without it.

import { cameraSwitch } from "./camera_switch.js";
import { answerForm } from "./form.js";
import { showCommands } from "./commands.js";
import { knock } from "./knock.js";
import { languagePicker } from "./language.js";
import { fill, say } from "./words.js";

const at = (id) => document.getElementById(id);

fill(document);
document.title = `${say("login.title")} · Mood Mirror`;
at("login").hidden = false;
at("languages").append(languagePicker());
at("off").append(cameraSwitch(at("off-said")));
answerForm(at("login-form"), (typed) => knock("POST", "session/", typed), enter);
arrive();
if (matchMedia("(hover: hover)").matches) at("login-name").focus(); // not under a phone's keyboard
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
async function arrive() {
  const { data } = await knock("GET", "me/");
  if (data?.user) enter();
  showCommands(data?.console);
}
