// Forms about accounts: what was typed goes to the mirror, what is wrong with it is shown beside it.

import { known, say } from "./words.js";

/**
 * Let `send(values)` answer for the form whenever it is submitted. Where the answer is no success,
 * the sentence stands in the form and the field that is wrong has the focus.
 */
export function answerForm(form, send, done) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    show(form, "");
    const missing = [...form.elements].find((one) => one.required && !one.value.trim());
    if (missing) {
      show(form, say("wrong.missing"), missing);
      return;
    }
    button.disabled = true;
    const answer = await send(Object.fromEntries(new FormData(form)));
    button.disabled = false;
    if (answer.ok) done(answer, form);
    else refuse(form, answer);
  });
}

function refuse(form, answer) {
  const field = Object.keys(answer.details).find((name) => form.elements[name]);
  show(form, sentence(answer), field ? form.elements[field] : undefined);
}

/** The sentence in the reader's language, where there is one for what went wrong. */
export function sentence(answer) {
  if (answer.status === 0) return say("wrong.no_answer");
  if (answer.status === 429) return say("wrong.wait", { count: answer.details.wait_s ?? 1 });
  if (answer.status === 401) return say("wrong.sign_in");
  const field = Object.keys(answer.details)[0];
  return field && known(`wrong.${field}`) ? say(`wrong.${field}`) : answer.message;
}

function show(form, text, field) {
  const wrong = form.querySelector(".wrong");
  for (const one of form.elements) one.removeAttribute("aria-invalid");
  wrong.textContent = text;
  if (!field) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}
