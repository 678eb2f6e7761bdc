// Where there is nothing, or nothing for this reader.

import { at } from "./dom.js";
import { openFrame } from "./frame.js";
import { say } from "./words.js";

document.title = say("missing.title");
at("login").href = `/login?next=${encodeURIComponent(location.pathname)}`;
openFrame();
