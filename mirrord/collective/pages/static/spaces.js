// The spaces that one is in, those that everybody may see, and a new one.

import { at, hide, make } from "./dom.js";
import { answerForm } from "./form.js";
import { entitle, openFrame } from "./frame.js";
import { knock } from "./knock.js";
import { paged, row } from "./rows.js";
import { say } from "./words.js";

const SPACES = "/emotions/api/spaces/";
const WORLD = "1";

entitle(say("spaces.title"));
answerForm(at("make-form"), ({ name, kind, public: shown }) => knock("POST", SPACES, { name, kind, public: shown === "yes" }), (answer) => {
  location.assign(`/spaces/${answer.data.id}`);
});
await openFrame();
const found = (await paged(SPACES)).filter((one) => one.id !== WORLD);
show("mine", found.filter((one) => one.role));
show("public", found.filter((one) => !one.role));
hide(at("none"), at("mine").children.length > 0);
hide(at("public-part"), at("public").children.length === 0);

function show(id, spaces) {
  at(id).replaceChildren(...spaces.map((one) => {
    const name = make("a", "", one.name);
    name.href = one.role ? `/spaces/${one.id}` : `/space/${one.id}`;
    const parts = [say(`kind.${one.kind}`), one.role && say(`role.${one.role}`), say(one.public ? "spaces.is_public" : "spaces.is_private")];
    return row(name, parts.filter(Boolean).join(" · "), [say("spaces.picture"), () => location.assign(`/space/${one.id}`)]);
  }));
}
