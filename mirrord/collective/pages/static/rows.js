// Rows of a name, a note and buttons, as the pages about accounts show them.

import { make } from "./dom.js";
import { sentence } from "./form.js";
import { alarm } from "./frame.js";
import { knock } from "./knock.js";
import { get } from "./rest.js";

/** A row; each of `buttons` is `[word, press]`. */
export function row(name, note, ...buttons) {
  const line = make("li", "", make("span", "name", name), make("span", "note", note));
  if (!buttons.length) return line;
  const group = make("span", "acts");
  for (const [word, press] of buttons) group.append(button(word, name, press));
  line.append(group);
  return line;
}

function button(word, name, press) {
  const made = make("button", "plain", word);
  made.type = "button";
  made.setAttribute("aria-label", `${word}: ${typeof name === "string" ? name : name.textContent}`);
  made.addEventListener("click", press);
  return made;
}

/** The data of a GET; where it fails, say why and return nothing. */
export async function list(path) {
  const answer = await knock("GET", path);
  if (!answer.ok) alarm(sentence(answer));
  return answer.ok ? answer.data : [];
}

/** The results of a list that comes in pages: its first 200. */
export async function paged(path) {
  try {
    return (await get(path, { page_size: 200 })).results;
  } catch (error) {
    alarm(error.message);
    return [];
  }
}

/** Change something, then go on; where it fails, say why. */
export async function change(method, path, body, then) {
  const answer = await knock(method, path, body);
  if (answer.ok) await then(answer);
  else alarm(sentence(answer));
  return answer.ok;
}
