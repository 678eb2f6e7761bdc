// One's own account: mirrors, what it gives to the world, sessions, tokens, and the way out.

import { at, hide, make, put } from "./dom.js";
import { answerForm } from "./form.js";
import { entitle, openFrame } from "./frame.js";
import { knock } from "./knock.js";
import { change, list, row } from "./rows.js";
import { longDay, moment, number } from "./units.js";
import { say } from "./words.js";

const MIRRORS = "/emotions/api/mirrors/";

entitle(say("account.title"));
const me = await openFrame();
put(at("title"), me.user ?? say("account.title"));
at("username").value = me.user ?? "";
at("sign-out").addEventListener("click", () => change("DELETE", "session/", undefined, () => location.replace("/")));
showProfile();
listMirrors();
listSessions();
listTokens();

async function showProfile() {
  const profile = await list("profile/");
  for (const [id, name] of [["email", "email"], ["first", "first_name"], ["last", "last_name"]]) at(id).value = profile[name] ?? "";
  at("contributes").checked = Boolean(profile.contributes);
  at("contributes").addEventListener("change", async () => {
    const wanted = at("contributes").checked;
    const done = await change("PUT", "profile/update/", { contributes: wanted }, () => {});
    if (!done) at("contributes").checked = !wanted;
  });
}

answerForm(at("profile-form"), (typed) => knock("PUT", "profile/update/", typed), (_, form) => put(form.querySelector(".done"), say("profile.done")));
answerForm(at("password-form"), ({ username, ...typed }) => knock("POST", "password/", typed), (_, form) => {
  form.reset();
  at("username").value = me.user;
  put(form.querySelector(".done"), say("password.done"));
  listSessions();
});
answerForm(at("tokens-form"), makeToken, (answer, form) => {
  form.reset();
  at("secret").replaceChildren(say("tokens.once"), make("code", "", answer.data.token));
  listTokens();
});
answerForm(at("erase-form"), (typed) => knock("POST", "erase/", typed), (answer) => {
  const rows = Object.entries(answer.data.deleted).filter(([, count]) => count > 0);
  at("gone-rows").replaceChildren(...rows.map(([name, count]) => row(say(`gone.${name}`), number(count))));
  at("gone").addEventListener("close", () => location.replace("/"));
  at("gone").showModal();
});

async function listMirrors() {
  const found = await list(MIRRORS);
  hide(at("no-mirrors"), found.length > 0);
  at("mirrors").replaceChildren(...found.map((one) => {
    const seen = one.last_sync ? say("mirrors.seen", { when: moment(one.last_sync) }) : say("mirrors.never");
    const where = one.spaces.length ? say("mirrors.spaces", { names: one.spaces.join(", ") }) : say("mirrors.no_spaces");
    return row(one.name, `${seen} ${where}`, [say("mirrors.revoke"), () => {
      if (confirm(say("mirrors.sure", { name: one.name }))) change("DELETE", `${MIRRORS}${one.id}/`, undefined, listMirrors);
    }]);
  }));
}

async function listSessions() {
  const found = await list("sessions/");
  at("sessions").replaceChildren(...found.map((one) => {
    const name = say(`sessions.${one.kind}`, { address: one.address || "?" });
    const note = [agent(one.user_agent), say("sessions.times", { created: longDay(one.created), expires: longDay(one.expires) })].filter(Boolean).join(" · ");
    const end = () => change("DELETE", `sessions/${one.id}/`, undefined, one.current ? () => location.replace("/") : listSessions);
    return row(one.current ? `${name} · ${say("sessions.this")}` : name, note, [say("sessions.end"), end]);
  }));
}

async function listTokens() {
  const found = await list("tokens/");
  at("tokens").replaceChildren(...found.map((one) => {
    const scopes = one.scopes.map((scope) => say(`scope.${scope}`)).join(", ");
    const note = say("tokens.times", { scopes, expires: longDay(one.expires) });
    return row(one.name, note, [say("tokens.revoke"), () => change("DELETE", `tokens/${one.id}/`, undefined, listTokens)]);
  }));
}

function makeToken({ name, days }) {
  const scopes = [...at("tokens-form").querySelectorAll(":checked")].map((one) => one.value);
  put(at("secret"), "");
  return knock("POST", "tokens/", { name, days: Number(days), scopes });
}

/** The names of the browser and the system, which are all that tells one session from another. */
function agent(text) {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(text)?.[1];
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(text)?.[1];
  if (!browser) return text.split(" ")[0];
  return [{ Edg: "Edge", OPR: "Opera" }[browser] ?? browser, system].filter(Boolean).join(", ");
}
