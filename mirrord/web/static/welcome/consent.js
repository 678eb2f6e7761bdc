// The house rules: where the mirror hangs, and who agrees. Somebody at work or in a school cannot.

import { at, hide, put } from "../dom.js";
import { get, post } from "../rest.js";
import { longDay } from "../units.js";
import { say } from "../words.js";

const ADDRESS = "/emotions/api/consent/";
const KEPT = "welcome.consent"; // until there is an owner, who can say it to the mirror
const REFUSED = ["work", "education"];

/** Return the step; `mayAgree`: the mirror takes an answer now, and does not wait for an owner. */
export function consentStep({ mayAgree, onDone }) {
  const form = at("consent-form");
  let consent = null;

  form.addEventListener("change", react);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    agree();
  });
  at("not-now").addEventListener("click", () => {
    keep({ later: true });
    onDone();
  });

  function place() {
    return form.elements.place.value;
  }

  function react() {
    const refused = REFUSED.includes(place());
    hide(at("refusal"), !refused);
    hide(at("rules"), refused);
    hide(at("agree"), refused);
    complain("");
  }

  async function agree() {
    const answer = typed();
    if (!answer.place) return complain(say("wrong.place"), form.elements.place[0]);
    const open = ["everybody_agrees", "visitors_are_told"].find((name) => !answer[name]);
    if (open) return complain(say("wrong.rules"), form.elements[open]);
    if (!mayAgree) {
      keep(answer);
      return onDone();
    }
    try {
      await post(ADDRESS, answer);
      forget();
      return onDone();
    } catch (error) {
      return complain(error.message);
    }
  }

  const typed = () => ({
    place: place(),
    everybody_agrees: form.elements.everybody_agrees.checked,
    visitors_are_told: form.elements.visitors_are_told.checked,
  });

  function complain(sentence, field) {
    put(form.querySelector(".wrong"), sentence);
    field?.focus();
  }

  async function show() {
    if (mayAgree) consent = await get(ADDRESS).catch(() => null);
    const agreed = consent?.state === "given";
    hide(at("agreed"), !agreed && consent?.state !== "kept");
    if (agreed) put(at("agreed"), say("consent.agreed", { day: longDay(consent.at) }));
    if (consent?.state === "kept") put(at("agreed"), say("consent.kept"));
    put(at("not-now"), say(agreed ? "steps.next" : consent?.state === "kept" ? "consent.later" : "consent.not_now"));
    put(at("consent-note"), say(agreed ? "consent.withdraw" : "consent.note"));
    recall();
    react();
  }

  function recall() {
    const draft = kept();
    if (!draft?.place) return;
    form.elements.place.value = draft.place;
    form.elements.everybody_agrees.checked = draft.everybody_agrees;
    form.elements.visitors_are_told.checked = draft.visitors_are_told;
  }

  /** Tell the mirror what was agreed to before there was an owner; false if nobody has agreed yet. */
  async function hand() {
    const draft = kept();
    if (draft?.later) return true;
    try {
      if (!draft?.place) return (await get(ADDRESS)).state === "given"; // where no password was needed
      await post(ADDRESS, draft);
      forget();
      return true;
    } catch {
      return false;
    }
  }

  return { show, hand, isAnswered: () => kept() !== null };
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

const keep = (answer) => localStorage.setItem(KEPT, JSON.stringify(answer));
const forget = () => localStorage.removeItem(KEPT);
