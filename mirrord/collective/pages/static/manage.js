// One space: whose mirrors count in it, who is in it, who is invited, and what it asks for.

import { at, hide, make, put } from "./dom.js";
import { answerForm } from "./form.js";
import { alarm, entitle, openFrame, qrCode } from "./frame.js";
import { knock } from "./knock.js";
import { change, list, row } from "./rows.js";
import { longDay, number } from "./units.js";
import { windowOf } from "./window.js";
import { say } from "./words.js";

const id = decodeURIComponent(location.pathname.split("/")[2]);
const HERE = `/emotions/api/spaces/${encodeURIComponent(id)}/`;
const ROLES = ["viewer", "member", "owner"];
let space;

const me = await openFrame();
const answer = await knock("GET", HERE);
if (answer.ok) show(answer.data);
else alarm(answer.message);

function show(found) {
  space = found;
  const owner = space.role === "owner";
  entitle(say("manage.title", { name: space.name }));
  put(at("title"), space.name);
  put(at("lead"), say("manage.lead", { kind: say(`kind.${space.kind}`), least: number(space.least), ...windowOf(space) }));
  at("picture").href = `/space/${id}`;
  hide(at("leave"), !space.role);
  for (const part of ["invite-part", "settings-part", "end-part"]) hide(at(part), !owner);
  for (const part of ["mirrors-part", "members-part"]) hide(at(part), !["member", "owner"].includes(space.role));
  if (!at("mirrors-part").hidden) {
    listMirrors();
    listMembers();
  }
  if (owner) {
    fillSettings();
    listInvites();
  }
}

at("leave").addEventListener("click", () => {
  if (confirm(say("manage.leave_sure", { name: space.name }))) change("POST", `${HERE}leave/`, {}, () => location.assign("/spaces"));
});
at("end").addEventListener("click", () => {
  if (confirm(say("end.sure", { name: space.name }))) change("DELETE", HERE, undefined, () => location.assign("/spaces"));
});
answerForm(at("settings-form"), changed, (done, form) => {
  put(form.querySelector(".done"), say("settings.done"));
  space = { ...space, ...done.data };
  put(at("title"), space.name);
});
answerForm(at("invite-form"), ({ role, days, uses }) => knock("POST", `${HERE}invites/`, { role, days: Number(days), uses: Number(uses) }), async (made) => {
  await showInvitation(new URL(made.data.path, location.origin).href);
  listInvites();
});

function fillSettings() {
  const form = at("settings-form").elements;
  form.name.value = space.name;
  form.public.checked = space.public;
  form.least.value = space.least;
  form.least.min = space.least;
  form.epsilon.value = space.epsilon;
}

function changed({ name, public: shown, least, epsilon }) {
  const wanted = { name, public: shown === "yes", least: Number(least), epsilon: Number(epsilon) };
  const news = Object.entries(wanted).filter(([key, value]) => value !== space[key]);
  return knock("PATCH", HERE, Object.fromEntries(news));
}

async function listMirrors() {
  const found = await list(`${HERE}mirrors/`);
  hide(at("no-mirrors"), found.length > 0);
  at("mirrors").replaceChildren(...found.map((one) => {
    const input = make("input");
    Object.assign(input, { type: "checkbox", checked: one.joined });
    input.setAttribute("role", "switch");
    input.addEventListener("change", async () => {
      const done = await change(input.checked ? "PUT" : "DELETE", `${HERE}mirrors/${one.id}/`, undefined, () => {});
      if (!done) input.checked = !input.checked;
    });
    return make("label", "tick", input, make("span", "", one.name));
  }));
}

async function listMembers() {
  const found = await list(`${HERE}members/`);
  at("members").replaceChildren(...found.map((one) => {
    const name = one.username === me.user ? say("members.you", { name: one.username }) : one.username;
    const note = say("members.note", { role: say(`role.${one.role}`), since: longDay(one.joined) });
    if (space.role !== "owner" || one.username === me.user) return row(name, note);
    const expel = () => {
      if (confirm(say("members.sure", { name: one.username }))) change("DELETE", `${HERE}members/${one.id}/`, undefined, listMembers);
    };
    const line = row(name, note, [say("members.expel"), expel]);
    line.querySelector(".acts").prepend(rolePicker(one));
    return line;
  }));
}

function rolePicker(one) {
  const picker = make("select");
  picker.setAttribute("aria-label", say("members.role", { name: one.username }));
  for (const role of ROLES) picker.append(new Option(say(`role.${role}`), role));
  picker.value = one.role;
  picker.addEventListener("change", async () => {
    await change("PUT", `${HERE}members/${one.id}/`, { role: picker.value }, () => {});
    listMembers();
  });
  return picker;
}

async function listInvites() {
  const found = await list(`${HERE}invites/`);
  at("invites").replaceChildren(...found.map((one) => {
    const note = say("invite.holds", { count: one.uses, until: longDay(one.expires) });
    return row(say(`invite.${one.role}`), note, [say("invite.revoke"), () => change("DELETE", `${HERE}invites/${one.id}/`, undefined, listInvites)]);
  }));
}

/** Show the link once, as text and as a code for a phone. */
async function showInvitation(link) {
  const drawn = await knock("POST", "/emotions/api/qr/", { text: link });
  const copy = make("button", "plain", say("invite.copy"));
  copy.type = "button";
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(link);
    put(copy, say("invite.copied"));
  });
  const parts = [make("p", "", say("invite.once")), make("code", "", link), copy];
  if (drawn.ok) parts.push(qrCode(drawn.data, say("invite.qr")));
  at("invitation").replaceChildren(...parts);
  hide(at("invitation"), false);
}
