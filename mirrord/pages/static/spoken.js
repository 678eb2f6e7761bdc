// What the mirror or the collective says of what goes wrong, in the reader's language. It says it in English;
// the catalogue `sentences` has its translation, with gaps for names and numbers. See docs/languages.md.

const SAID = new Set(["detail", "error", "message", "note", "notices", "problem", "reason", "said", "title", "trouble"]);
const LONGEST = 600;
const GAP = "((?:(?!; ).)+?)"; // another sentence is in no gap ...
const REST = "(.+)"; // ... but behind a colon at the end
const MARKS = { de: "„“", en: "“”" };
const FEW = 300; // what is said again each second is looked up once
const found = new Map();
const sentences = Object.entries(await fetchSentences());
let rules;

/** What a server answered, with its sentences in the reader's language and everything else as it was. */
export function inWords(answer) {
  const told = answer?.success === false ? { ...answer, message: plain(answer.message) } : answer;
  return walk(told, "");
}

/** "session_id: there is no session 7": to a person, what stands before the colon says nothing. */
function plain(message) {
  const said = message.replace(/^[a-z_]+: (?=(there|you|it|nobody|nothing|the|an|at most|no|registration)\b)/, "");
  return /^\p{Ll}+ /u.test(said) ? sentence(said) : said;
}

/** Words that may stand alone: with a capital, unless it is an address or a path, and a full stop. */
export function sentence(text) {
  if (!text) return "";
  const begun = /^\p{Ll}+[ ,-]/u.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

function walk(value, name) {
  if (typeof value === "string") return SAID.has(name) ? quoted(spoken(value)) : value;
  if (Array.isArray(value)) return value.map((one) => walk(one, name));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, one]) => [key, walk(one, name === "details" ? "said" : key)]);
  return Object.fromEntries(entries);
}

/** What is to be typed stands in quotation marks; those of the console are a programmer's. */
function quoted(text) {
  const [left, right] = MARKS[document.documentElement.lang.slice(0, 2)] ?? MARKS.en;
  return text.replace(/`([^`]+)`/g, `${left}$1${right}`);
}

/** The sentence in the reader's language; one that no catalogue has stays as it is. */
export function spoken(sentence) {
  if (!sentences.length || !sentence || sentence.length > LONGEST) return sentence;
  rules ??= sentences.map(ruleOf).sort((one, other) => other.weight - one.weight);
  if (!found.has(sentence)) {
    if (found.size >= FEW) found.clear();
    found.set(sentence, worded(sentence) ?? sentence);
  }
  return found.get(sentence);
}

/** Without it pages show what they are told, as they are told it. */
async function fetchSentences() {
  try {
    const response = await fetch("/words/sentences");
    return response.ok ? (await response.json()).words : {};
  } catch {
    return {};
  }
}

/** The more of a sentence is written out, the sooner it is compared. */
function ruleOf([english, translated]) {
  const parts = bare(english).split(/(\{\w+\})/);
  const names = parts.filter((_, index) => index % 2).map((one) => one.slice(1, -1));
  const written = parts.filter((_, index) => index % 2 === 0);
  const first = written[0] ? `[${literal(written[0][0].toLowerCase())}${literal(written[0][0].toUpperCase())}]${literal(written[0].slice(1))}` : "";
  const all = [first, ...written.slice(1).map(literal)].join(GAP);
  const pattern = new RegExp(`^${/: \{\w+\}$/.test(bare(english)) ? all.slice(0, -GAP.length) + REST : all}$`);
  return { pattern, names, text: bare(translated), begins: isCapital(english), weight: written.join("").length };
}

const literal = (text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
const isCapital = (text) => /^\p{Lu}/u.test(text);
const bare = (text) => text.replace(/\.$/, "");

function worded(text) {
  return whole(text) ?? after(text) ?? parted(text, "; ") ?? parted(text, ". ");
}

/** One entry of the catalogue; what fills its gaps may be an entry, too. */
function whole(text) {
  for (const { pattern, names, text: translated, begins } of rules) {
    const match = pattern.exec(bare(text));
    if (!match) continue;
    const values = Object.fromEntries(names.map((name, index) => [name, worded(match[index + 1]) ?? match[index + 1]]));
    const filled = translated.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
    const begun = isCapital(text) && !begins ? filled[0].toUpperCase() + filled.slice(1) : filled;
    return text.endsWith(".") ? `${bare(begun)}.` : begun;
  }
  return undefined;
}

/** "camera.fps: ...": what it is about stays, what is said of it is translated. */
function after(text) {
  for (let end = text.indexOf(": "); end > 0; end = text.indexOf(": ", end + 1)) {
    const said = whole(text.slice(end + 2)) ?? parted(text.slice(end + 2), "; ");
    if (said) return `${whole(text.slice(0, end)) ?? text.slice(0, end)}: ${said}`;
  }
  return undefined;
}

function parted(text, mark) {
  const parts = text.split(mark);
  if (parts.length === 1) return undefined;
  const said = parts.map((part) => whole(part) ?? after(part));
  return said.some(Boolean) ? said.map((one, index) => one ?? parts[index]).join(mark) : undefined;
}
