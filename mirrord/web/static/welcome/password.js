// The first password. The one-time code may come with the address, from the mirror's own console.

import { at, hide, put } from "../dom.js";
import { answerForm } from "../form.js";
import { knock } from "../knock.js";
import { say } from "../words.js";

const KEPT = "welcome.code"; // for this tab alone

/** Return the step. */
export function passwordStep({ me, onDone, onLater, onBack }) {
  const form = at("welcome-form");
  takeCode();
  at("name").value = say("welcome.name");
  at("password-later").addEventListener("click", onLater);
  at("password-back").addEventListener("click", onBack);
  answerForm(form, (typed) => knock("POST", "welcome/", typed), async () => {
    sessionStorage.removeItem(KEPT);
    await onDone();
  });

  function show() {
    hide(form, me.has_owner);
    hide(at("where"), me.has_owner);
    hide(at("has-password"), !me.has_owner);
    hide(at("password-later"), me.how !== "local");
    if (me.has_owner) put(at("has-password"), say("welcome.has_password", { name: me.user ?? "" }));
    put(at("welcome-lead"), say(me.has_owner ? "welcome.lead_done" : me.how === "local" ? "welcome.lead_here" : "welcome.lead"));
    at("code").value = sessionStorage.getItem(KEPT) ?? at("code").value;
  }

  return { show };
}

/** Nobody who looks over a shoulder shall read the code in the address. */
function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return;
  sessionStorage.setItem(KEPT, code);
  history.replaceState(null, "", location.pathname);
}
