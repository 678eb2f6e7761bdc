// The mirror view while nobody owns the mirror: where its first start is to be found. Never the code.

import { prepareCard, showCard } from "./card.js";
import { at, put } from "./dom.js";
import { knock } from "./knock.js";
import { say } from "./words.js";

const EVERY_MS = 5000;

prepareCard();
for (;;) {
  await look();
  document.body.dataset.ready = "";
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}

async function look() {
  const { data } = await knock("GET", "me/");
  if (data?.has_owner) location.reload(); // which asks to sign in
  const told = await showCard("?first=true");
  if (!told) return;
  put(at("name"), told.name);
  put(at("how"), say(told.address ? "hello.scan" : "hello.here"));
  document.title = told.name;
}
