// Every word that a person reads, in the reader's language: fetched once, before the page shows anything.
// Where the words live and how to translate them: docs/languages.md.

const page = document.documentElement.dataset.page;
const { words, language, languages, chosen, pages } = await fetchWords();
const plural = new Intl.PluralRules(language);
const digits = new Intl.NumberFormat(language);

document.documentElement.lang = language;

export { chosen, language, languages, pages };

/** A page without its words is none: what keeps the mirror from answering is waited for. */
async function fetchWords() {
  for (;;) {
    try {
      const response = await fetch(`/words/${page}`);
      if (response.ok) return await response.json();
    } catch {
      // the mirror is restarting
    }
    await new Promise((resolve) => setTimeout(resolve, 500 + 1000 * Math.random()));
  }
}

/** Fill the text of `key`; a text with several forms is chosen by the number `values.count`. */
export function say(key, values = {}) {
  const found = words[key];
  if (found === undefined) return key;
  const form = typeof found === "string" ? found : found[plural.select(values.count)] ?? found.other;
  const shown = typeof values.count === "number" ? { ...values, count: digits.format(values.count) } : values;
  const filled = form.replace(/\{(\w+)\}/g, (_, name) => shown[name] ?? "");
  return filled.replace(/(?<!\.)\.\.(?!\.)/g, "."); // "2 Sek." at the end of a sentence
}

/** Tell whether there is a text for `key`. */
export function known(key) {
  return key in words;
}

/** Write the texts of a page's fixed parts. */
export function fill(root) {
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  for (const element of root.querySelectorAll("[data-role]")) element.setAttribute("aria-roledescription", say(element.dataset.role));
}

/** Speak another language from now on in this browser; "" goes back to the mirror's or the browser's. */
export function choose(tag) {
  const age = tag ? 60 * 60 * 24 * 400 : 0;
  document.cookie = `language=${tag}; path=/; max-age=${age}; samesite=strict`;
  location.reload();
}
