// A mirror shows a code: whose it is, which spaces it counts in, and yes or no.

import { at, hide, make, put } from "./dom.js";
import { answerForm } from "./form.js";
import { entitle, openFrame } from "./frame.js";
import { knock } from "./knock.js";
import { paged } from "./rows.js";
import { say } from "./words.js";

const MIRRORS = "/emotions/api/mirrors/";
const SPACES = "/emotions/api/spaces/";
let code = "";
let mirror = "";

entitle(say("link.title"));
answerForm(at("code-form"), (typed) => knock("POST", `${MIRRORS}ask/`, typed), async (answer, form) => {
  code = form.elements.code.value;
  mirror = answer.data.name;
  await offerSpaces();
  put(at("found-title"), say("link.found", { name: mirror }));
  go("found");
});
answerForm(at("confirm-form"), () => knock("POST", `${MIRRORS}confirm/`, { code, accept: true }), async (answer, form) => {
  const missed = await putInto(answer.data.id, [...form.querySelectorAll(":checked")]);
  put(at("done-title"), say("link.done", { name: mirror }));
  put(at("done-note"), missed.length ? say("link.missed", { names: missed.join(", ") }) : say("link.soon"));
  go("done");
});
at("refuse").addEventListener("click", async () => {
  await knock("POST", `${MIRRORS}confirm/`, { code, accept: false });
  put(at("done-title"), say("link.refused", { name: mirror }));
  put(at("done-note"), say("link.refused_note"));
  go("done");
});
await openFrame();
const given = new URLSearchParams(location.hash.slice(1)).get("code");
if (given) at("code").value = given;
if (matchMedia("(hover: hover)").matches) at("code").focus();

async function offerSpaces() {
  const own = (await paged(SPACES)).filter((one) => ["owner", "member"].includes(one.role));
  hide(at("choose"), own.length === 0);
  at("spaces").replaceChildren(...own.map((one) => {
    const input = make("input");
    Object.assign(input, { type: "checkbox", value: one.id, name: "space" });
    input.dataset.name = one.name;
    return make("label", "tick", input, make("span", "", one.name));
  }));
}

/** Put the mirror into the chosen spaces; return the names of those that did not take it. */
async function putInto(id, chosen) {
  const missed = [];
  for (const one of chosen) {
    const answer = await knock("PUT", `${SPACES}${one.value}/mirrors/${id}/`);
    if (!answer.ok) missed.push(one.dataset.name);
  }
  return missed;
}

function go(part) {
  for (const one of ["ask", "found", "done"]) hide(at(one), one !== part);
  at(`${part}-title`).focus();
}
