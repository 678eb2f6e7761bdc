// The chain of `GET /emotions/api/why/` in words: for each link its lines, ready to be shown.

import { hertz, number, percent, seconds, signed, temperature } from "./units.js";
import { known, say } from "./words.js";

/** How a value of the environment is written. */
const WRITTEN = {
  lighting_color: (value) => value,
  lighting_intensity: percent,
  audio_volume: percent,
  audio_major: percent,
  audio_articulation: percent,
  audio_frequency_hz: hertz,
  audio_tempo_bpm: (value) => say("chain.bpm", { beats: number(value) }),
  temperature_c: temperature,
  humidity_pct: (value) => percent(value / 100),
  transition_s: seconds,
};

/** Return the links of a chain: {key, lines: [{key, text, ...}]}, without those nothing is known of. */
export function chainOf(why) {
  const links = [
    ["expression", expression(why)],
    ["mood", mood(why)],
    ["mode", mode(why)],
    ["rules", why.rules.map((rule) => ruleLine(rule, why.sources))],
    ["limits", why.limits.map(limitLine)],
    ["drivers", why.drivers.map(driverLine)],
  ];
  return links.filter(([, lines]) => lines.length).map(([key, lines]) => ({ key, lines }));
}

const line = (key, text) => ({ key, text });

function expression({ expression: seen }) {
  if (!seen) return [line("none", say("chain.nobody"))];
  const name = seen.name === "unsure" ? say("chain.unsure") : say(`expression.${seen.name}`);
  const lines = [line("name", say("chain.seen", { expression: name, confidence: percent(seen.confidence) }))];
  if (seen.shares) lines.push(line("shares", shares(seen.shares)));
  if (seen.people > 1) lines.push(line("people", say("chain.people", { count: seen.people })));
  if (seen.corrections) lines.push(line("corrections", say("chain.corrections", { count: seen.corrections })));
  if (seen.classifier) lines.push(line("classifier", say("chain.classifier", { shares: shares(seen.classifier) })));
  return lines;
}

function shares(all) {
  const most = Object.entries(all).sort((one, other) => other[1] - one[1]).slice(0, 3);
  return most.map(([name, share]) => `${say(`expression.${name}`)} ${percent(share)}`).join(" · ");
}

const place = ({ valence, arousal, dominant }) =>
  say("chain.place", { valence: signed(valence), arousal: signed(arousal), mood: say(`mood.${dominant}`) });

function mood({ seen, smoothing, sources }) {
  if (!seen) return [];
  const lines = [line("place", place(seen))];
  if (smoothing) {
    lines.push(line("smoothing", say("chain.smoothing", { over: seconds(smoothing.smoothing_s) })));
    lines.push(line("table", say("chain.source", { source: `${sources[smoothing.table]}; ${sources.russell}` })));
    if (smoothing.held) lines.push(line("held", say("chain.held")));
  }
  return lines;
}

function mode({ done, sources }) {
  if (!done) return [];
  const { guide } = done;
  const lines = [line("mode", done.by_hand ? say("chain.by_hand") : say(`mode.${done.mode}.does`))];
  if (guide && guide.stage !== "waiting") {
    lines.push(line("guide", say("chain.guide", { share: percent(guide.share), goal: say(`mood.${guide.goal}`) })));
  }
  if (done.mood && (done.by_hand || done.mode !== "mirror")) lines.push(line("place", say("chain.becomes", { place: place(done.mood) })));
  if (done.mode === "guide") lines.push(line("source", say("chain.source", { source: sources.starcke })));
  return lines;
}

const written = (part, value) => (WRITTEN[part] ?? String)(value);

function ruleLine({ part, formula, sources: from, wished }, sources) {
  return {
    key: part,
    part: say(`part.${part}`),
    text: written(part, wished),
    colour: part === "lighting_color" ? wished : "",
    formula: formula.replaceAll(" ** ", "^").replaceAll("*", "·"),
    source: from.map((one) => sources[one]).join("; "),
  };
}

function limitLine({ code, part, wished, given }) {
  return line(`${code} ${part}`, say(`limit.${code}`, { wished: written(part, wished), given: written(part, given) }));
}

function driverLine({ name, title, state, error, values }) {
  return line(name, say("chain.driver", { title, what: values ? commands(values) : error || say(`driver.${state}`) }));
}

function commands(values) {
  if (values.present === false) return say("chain.given_back");
  const parts = Object.entries(values).filter(([part]) => known(`part.${part}`));
  const said = parts.map(([part, value]) => `${say(`part.${part}`)} ${written(part, value)}`);
  return said.join(" · ") || say("chain.no_devices");
}
