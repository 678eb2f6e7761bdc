// "That's not right": what should have been seen, what was corrected so far, and taking it back.

import { at, hide, keep, make, put, set } from "./dom.js";
import { announce } from "./news.js";
import { get, post, remove } from "./rest.js";
import { alarm } from "./shell.js";
import { moment, percent } from "./units.js";
import { say } from "./words.js";

const PATH = "/emotions/api/corrections/";
const EXPRESSIONS = ["happy", "surprise", "neutral", "sad", "fear", "angry", "disgust"];
const SHOWN = 5;

let seenAt = null; // when what is wrong was seen: as the question was opened
let now = null;

/** Make the question and what it opens. */
export function prepareCorrect() {
  const choice = make("div", "choices", ...EXPRESSIONS.map(choiceOf));
  set(choice, "role", "group");
  set(choice, "aria-labelledby", "correct-question");
  const question = make("h3", "", say("correct.question"));
  question.id = "correct-question";
  const undoAll = button("aside", say("correct.undo_all"), () => change(() => remove(PATH), "correct.undone"));
  undoAll.id = "undo-all";
  const list = make("ul", "corrections");
  list.id = "corrections";
  const about = make("p", "note", say("correct.about"));
  const said = make("p", "said");
  said.id = "corrected";
  at("correcting").append(question, choice, said, about, list, undoAll);
  at("wrong").addEventListener("click", () => open(at("correcting").hidden));
}

/** Remember what is seen now, and whether there is anything to correct. */
export function showCorrect(state) {
  now = state.time;
  at("wrong").disabled = !state.mood.people && at("correcting").hidden;
}

function open(wanted) {
  hide(at("correcting"), !wanted);
  set(at("wrong"), "aria-expanded", String(wanted));
  put(at("corrected"), "");
  if (!wanted) return;
  seenAt = now;
  at("correcting").querySelector("button").focus();
  list();
}

function choiceOf(name) {
  return button("choice", say(`expression.${name}`), async () => {
    await change(() => post(PATH, { should_be: name, at: seenAt }), "correct.thanks");
    seenAt = now;
  });
}

async function change(ask, key) {
  try {
    await ask();
    put(at("corrected"), say(key));
    announce(say(key));
    await list();
  } catch (error) {
    alarm(error.status === 409 ? say("correct.nobody") : error.message);
  }
}

async function list() {
  let page;
  try {
    page = await get(PATH, { page_size: SHOWN });
  } catch (error) {
    alarm(error.message);
    return;
  }
  keep(at("corrections"), page.results, (one) => one.id, makeEntry, showEntry);
  hide(at("undo-all"), !page.results.some((one) => !one.undone));
}

function makeEntry(one) {
  const undo = button("aside", say("correct.undo"), () => change(() => remove(`${PATH}${one.id}/`), "correct.undone"));
  set(undo, "aria-label", `${say("correct.undo")}: ${sentence(one)}`);
  return make("li", "", make("span"), undo);
}

function showEntry(item, one) {
  put(item.firstChild, sentence(one));
  item.classList.toggle("undone", Boolean(one.undone));
  hide(item.lastChild, Boolean(one.undone));
}

function sentence({ at: when, seen, should_be: wanted, undone }) {
  const [name, share] = Object.entries(seen).reduce((most, one) => (one[1] > most[1] ? one : most));
  return say(undone ? "correct.entry_undone" : "correct.entry", {
    time: moment(when),
    seen: say(`expression.${name}`),
    share: percent(share),
    wanted: say(`expression.${wanted}`),
  });
}

function button(name, text, press) {
  const made = make("button", name, text);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}
