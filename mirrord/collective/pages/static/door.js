// The two ways in: signing in, and making an account.

import { at, hide, put } from "./dom.js";
import { answerForm } from "./form.js";
import { entitle, openFrame } from "./frame.js";
import { knock } from "./knock.js";
import { say } from "./words.js";

const way = location.pathname.startsWith("/register") ? "register" : "login";
const next = new URLSearchParams(location.search).get("next");
const invite = sessionStorage.getItem("invite") ?? "";

entitle(say(`${way}.title`));
if (next) for (const id of ["register-link", "login-link"]) at(id).href += `?next=${encodeURIComponent(next)}`;
answerForm(at("login-form"), (typed) => knock("POST", "session/", typed), enter);
answerForm(at("register-form"), (typed) => knock("POST", "session/register/", invite ? { ...typed, invite } : typed), enter);
const me = await openFrame();
if (me.user) enter();
show(me.registration ?? "open");

function show(registration) {
  const shut = registration === "closed" || (registration === "invited" && !invite);
  const shown = way === "register" && shut ? "closed" : way;
  if (shown === "closed") put(at("closed-why"), say(`closed.${registration}`));
  hide(at("to-register"), registration === "closed");
  hide(at(shown), false);
  if (matchMedia("(hover: hover)").matches) at(shown).querySelector("input")?.focus(); // not under a phone's keyboard
}

/** Where the reader was on the way to: a page of ours, never an address elsewhere. */
function enter() {
  if (invite && !next) {
    location.replace("/join");
    return;
  }
  const wanted = new URL(next ?? "/account", location.origin);
  location.replace(wanted.origin === location.origin ? wanted.pathname + wanted.search : "/");
}
