// Following a link into a space. The secret stands behind the #, which no server is told.

import { at, hide, put } from "./dom.js";
import { sentence } from "./form.js";
import { entitle, openFrame } from "./frame.js";
import { knock } from "./knock.js";
import { say } from "./words.js";

const KEPT = "invite"; // for as long as this tab is open: over signing in, or registering

if (location.hash.length > 1) {
  sessionStorage.setItem(KEPT, location.hash.slice(1));
  history.replaceState(null, "", "/join");
}
const secret = sessionStorage.getItem(KEPT);
const title = say(secret ? "join.title" : "join.title_none");
entitle(title);
await openFrame();
put(at("title"), title);
put(at("lead"), say(secret ? "join.lead" : "join.none"));
hide(at("ways"), !secret);
for (const id of ["register", "login"]) at(id).href += "?next=/join";
at("join").addEventListener("click", async () => {
  put(at("wrong"), "");
  const answer = await knock("POST", "/emotions/api/spaces/join/", { secret });
  if (answer.ok) {
    sessionStorage.removeItem(KEPT);
    location.assign(`/spaces/${answer.data.id}`);
  } else put(at("wrong"), answer.status === 404 ? say("join.void") : sentence(answer));
});
