// Where there is nothing, in the reader's language; without scripts it is said in English.

import { fill, say } from "./words.js";

fill(document);
document.title = `${say("missing.title")} · Mood Mirror`;
