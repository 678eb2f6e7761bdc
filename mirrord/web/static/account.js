// One's own account, and for an owner everybody's: each list is fetched anew after a change.

import { at, hide, make, put } from "./dom.js";
import { answerForm, sentence } from "./form.js";
import { knock } from "./knock.js";
import { alarm, entitle, openShell } from "./shell.js";
import { longDay } from "./units.js";
import { say } from "./words.js";

openShell();
entitle(say("account.title"));
const me = (await knock("GET", "me/")).data ?? { user: null, how: "nobody" };
const isOwner = me.role === "owner" && me.user !== null;

if (new URLSearchParams(location.search).has("refused")) alarm(say("account.refused"));
if (me.how === "local") showLocal();
if (me.user !== null) showOwn();
if (isOwner) showEverybody();
document.body.dataset.known = "";

function showLocal() {
  put(at("title"), say("local.title"));
  put(at("who-may"), say("local.lead"));
  hide(at("set-password"), false);
}

function showOwn() {
  put(at("who-may"), say("account.name", { name: me.user, role: say(`role.${me.role}`) }));
  at("username").value = me.user;
  for (const part of ["ways-out", "sessions-part", "password-part"]) hide(at(part), false);
  at("sign-out").addEventListener("click", () => leave("session/"));
  at("sign-out-all").addEventListener("click", () => leave("sessions/"));
  const change = ({ username, ...typed }) => knock("POST", "password/", typed);
  answerForm(at("password-form"), change, (_, form) => {
    form.reset();
    at("username").value = me.user;
    put(form.querySelector(".done"), say("password.done"));
    listSessions();
  });
  listSessions();
}

function showEverybody() {
  for (const part of ["people-part", "tokens-part"]) hide(at(part), false);
  answerForm(at("people-form"), (typed) => knock("POST", "register/", typed), (answer, form) => {
    form.reset();
    put(form.querySelector(".done"), say("people.done", { name: answer.data.user.username }));
    listPeople();
  });
  answerForm(at("tokens-form"), makeToken, (answer, form) => {
    form.reset();
    at("secret").replaceChildren(say("tokens.once"), make("code", "", answer.data.token));
    listTokens();
  });
  listPeople();
  listTokens();
}

function makeToken({ name, days }) {
  const scopes = [...at("tokens-form").querySelectorAll(":checked")].map((one) => one.value);
  put(at("secret"), "");
  return knock("POST", "tokens/", { name, days: Number(days), scopes });
}

async function listSessions() {
  const found = await list("sessions/");
  at("sessions").replaceChildren(
    ...found.map((one) => {
      const name = say(`sessions.${one.kind}`, { address: one.address || "?" });
      const note = [agent(one.user_agent), times("sessions.times", one)].filter(Boolean).join(" · ");
      const end = () => change(`sessions/${one.id}/`, one.current ? () => location.replace("/login") : listSessions);
      return row(one.current ? `${name} · ${say("sessions.this")}` : name, note, say("sessions.end"), end);
    }),
  );
}

async function listPeople() {
  const found = await list("users/");
  at("people").replaceChildren(
    ...found.map((one) => {
      const note = `${say(`role.${one.role}_name`)}: ${say(`role.${one.role}`)}`;
      if (one.username === me.user) return row(`${one.username} (${say("people.you")})`, note);
      return row(one.username, note, say("people.remove"), () => {
        if (confirm(say("people.sure", { name: one.username }))) {
          change(`users/${encodeURIComponent(one.username)}/`, listPeople);
        }
      });
    }),
  );
}

async function listTokens() {
  const found = await list("tokens/");
  hide(at("no-tokens"), found.length > 0);
  at("tokens").replaceChildren(
    ...found.map((one) => {
      const scopes = one.scopes.map((scope) => say(`scope.${scope}`)).join(", ");
      const note = say("tokens.times", { scopes, expires: longDay(one.expires) });
      return row(one.name, note, say("tokens.revoke"), () => change(`tokens/${one.id}/`, listTokens));
    }),
  );
}

function row(name, note, word, press) {
  const line = make("li", "", make("span", "name", name), make("span", "note", note));
  if (!press) return line;
  const button = make("button", "plain", word);
  button.type = "button";
  button.setAttribute("aria-label", `${word}: ${name}`);
  button.addEventListener("click", press);
  line.append(button);
  return line;
}

const times = (key, one) => say(key, { created: longDay(one.created), expires: longDay(one.expires) });

/** The names of the browser and the system, which are all that tells one session from another. */
function agent(text) {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(text)?.[1];
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(text)?.[1];
  if (!browser) return text.split(" ")[0];
  return [{ Edg: "Edge", OPR: "Opera" }[browser] ?? browser, system].filter(Boolean).join(", ");
}

async function list(path) {
  const answer = await knock("GET", path);
  if (!answer.ok) alarm(sentence(answer));
  return answer.ok ? answer.data : [];
}

async function change(path, then) {
  const answer = await knock("DELETE", path);
  if (answer.ok) then();
  else alarm(sentence(answer));
}

async function leave(path) {
  await change(path, () => location.replace("/login"));
}
