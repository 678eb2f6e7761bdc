// Where there is nothing, or nothing for this reader.

import { at } from "./dom.js";
import { entitle, openFrame } from "./frame.js";
import { say } from "./words.js";

entitle(say("missing.title"));
at("login").href = `/login?next=${encodeURIComponent(location.pathname)}`;
openFrame();
