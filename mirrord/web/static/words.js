// Every word that a person reads. A translation is another table with the same keys.

const english = {
  "page.skip": "Skip to the mood",
  "page.demo": "Demo: a simulated room",
  "page.open_mirror": "Mirror view",
  "page.promise": "No picture is kept or sent. What you see here stays in this house.",
  "page.version": "Mood Mirror {version}",
  "page.title": "{mood} · {name}",

  "link.live": "Live",
  "link.connecting": "Connecting",
  "link.lost": "Not connected. Last word {ago} ago.",
  "link.never": "Not connected yet. Trying again.",
  "link.lost_news": "The connection to the mirror is lost. Trying again.",
  "camera.news": "Camera: {state}.",
  "link.back_news": "Connected to the mirror again.",

  "controls.label": "Controls",
  "controls.camera_off": "Camera off",
  "controls.pause": "Pause room",
  "controls.mute": "Mute",
  "controls.no_answer": "The mirror did not answer, so nothing was changed.",

  "plane.top": "Aroused",
  "plane.right": "Pleasant",
  "plane.bottom": "Quiet",
  "plane.left": "Unpleasant",
  "plane.handle": "Set the mood by hand: arrow keys move it",
  "plane.handle_role": "two-way slider",
  "plane.value": "Valence {valence}, arousal {arousal}",

  "mood.joy": "Joy",
  "mood.calm": "Calm",
  "mood.energy": "Energy",
  "mood.melancholy": "Melancholy",
  "mood.rest": "Rest",
  "mood.by_hand": "The four moods; move one to set the mood by hand",
  "mood.hint": "Move a slider, or the light in the mirror, to set the mood by hand.",
  "mood.back": "Back to the camera",
  "mood.back_off": "Let go",
  "mood.source.camera": "Read from the camera",
  "mood.source.hand": "Set by hand",
  "mood.source.rest": "Nothing to read",
  "mood.news": "The mood is {mood}.",

  "seen.sure": "A {expression} expression, {confidence} sure.",
  "seen.unsure": "Not sure which expression this is, so the mood holds.",
  "seen.hand": "The room follows your hand, not the camera.",
  "seen.nobody": "Nobody is in front of the mirror. The room is as it was found.",
  "seen.camera_off": "The camera is off. The mirror sees nothing.",
  "seen.camera_opening": "The camera is opening.",
  "seen.camera_missing": "There is no camera. The mirror keeps looking for one.",
  "seen.camera_stalled": "The camera gives no pictures. The mirror tries again.",
  "seen.camera_ended": "The recording has ended.",
  "seen.people": { one: "One person.", other: "{count} people." },
  "seen.small": "The face is too far away to judge.",
  "seen.dark": "It is too dark to judge the face.",
  "seen.turned": "The face is turned away.",
  "seen.blurred": "The face is blurred.",

  "expression.title": "Expression, not feeling",
  "expression.angry": "angry",
  "expression.disgust": "disgusted",
  "expression.fear": "fearful",
  "expression.happy": "happy",
  "expression.sad": "sad",
  "expression.surprise": "surprised",
  "expression.neutral": "neutral",

  "room.title": "The room",
  "room.answers": "answers now",
  "room.paused": "is paused and as it was found",
  "room.empty": "is as it was found",
  "room.none": "has no devices yet",
  "room.no_lamps": "No lamps are connected.",

  "lamp.off": "off",
  "lamp.away": "out of reach",
  "light.title": "Light",
  "light.none": "No lamps",
  "light.off": "Off",
  "light.cap": "No brighter than",
  "light.lit": { one: "{lit} of one lamp lit", other: "{lit} of {count} lamps lit" },

  "sound.title": "Sound",
  "sound.none": "No speaker",
  "sound.silent": "Silent",
  "sound.muted": "Muted",
  "sound.cap": "No louder than",
  "sound.playing": "{note} at {frequency}, {tempo} beats a minute, volume {volume}",
  "sound.uplifting": "Uplifting",
  "sound.peaceful": "Peaceful",
  "sound.energetic": "Energetic",
  "sound.melancholic": "Melancholic",

  "warmth.title": "Warmth",
  "warmth.none": "No thermostat",
  "warmth.measured": "measured {measured}",
  "warmth.unmeasured": "no measured temperature",
  "warmth.rising": "measured {measured}, warming",
  "warmth.falling": "measured {measured}, cooling",
  "warmth.there": "measured {measured}, there",
  "warmth.held": "set by a person, left alone",
  "warmth.other": "{name} {setpoint}",

  "air.title": "Air",
  "air.none": "No sensor",
  "air.excellent": "Excellent",
  "air.good": "Good",
  "air.moderate": "Moderate",
  "air.needs_improvement": "Stale",
  "air.unmeasured": "Air quality is not measured.",
  "air.humidity": "Humidity {humidity}",
  "air.no_humidity": "Humidity is not measured",
  "air.humidifier": "{name} towards {target}",
  "air.humidifier_off": "{name} off",

  "works.title": "Devices",
  "works.no_drivers": "No drivers are installed.",
  "driver.ready": "Ready",
  "driver.opening": "Connecting",
  "driver.unavailable": "Out of reach",
  "driver.refused": "Refused",
  "driver.off": "Switched off",
  "driver.paused": "Paused",
  "driver.ready.hint": "{count}, {latency}",
  "driver.ready.slow": "{count}",
  "driver.devices": { one: "One device", other: "{count} devices" },
  "driver.latency": "answers in {p50}, at worst {p99}",
  "driver.opening.hint": "It answers the room as soon as it is there.",
  "driver.unavailable.hint": "It is tried again by itself.",
  "driver.refused.hint": "Put that right, then switch it off and on.",
  "driver.off.hint": "Its devices are as they were found.",
  "driver.paused.hint": "The whole room is paused.",
  "driver.news": "{title}: {state}.",

  "facts.title": "The mirror",
  "facts.camera": "Camera",
  "facts.sight": "Sight",
  "facts.latency": "Face to room",
  "facts.session": "This visit",
  "facts.store": "Kept",
  "facts.private": "Private",
  "facts.machine": "Machine",
  "camera.open": "Open",
  "camera.opening": "Opening",
  "camera.missing": "Not found",
  "camera.stalled": "Gives no pictures",
  "camera.ended": "Ended",
  "camera.off": "Off, and closed",
  "camera.is": "{state}, source {source}",
  "sight.pace": "{fps} looks a second, {pace}",
  "sight.face": "at a face",
  "sight.still": "at a still picture",
  "sight.nobody": "for somebody",
  "sight.hot": "slower, to cool down",
  "sight.times": "finds a face in {detect}, judges it in {classify}",
  "sight.none": "Not running",
  "latency.is": "{p50} as a rule, {p99} at worst",
  "latency.none": "Nothing measured yet",
  "session.is": "{length}, since {start}",
  "session.none": "Nobody is here",
  "store.ok": "{readings}, {size}",
  "store.readings": { one: "one reading", other: "{count} readings" },
  "store.paused": "Keeping is paused.",
  "store.recovered": "Started afresh: the old file was damaged and set aside.",
  "private.pictures": "Pictures stay in memory.",
  "private.no-network": "The seeing process has no network.",
  "private.no-writing": "It cannot write to the disk.",
  "private.no-core-dump": "Its memory cannot be dumped.",
  "machine.memory": "Sight takes {memory}",
  "machine.heat": "processor at {temperature}",

  "ambient.back": "Back to the page",
  "ambient.full": "Full screen",
  "ambient.label": "Moving picture of the mood",
  "ambient.camera_off": "The camera is off",
};

let table = english;
let plural = new Intl.PluralRules("en");

/** Fill the text of `key`; a text with several forms is chosen by `values.count`. */
export function say(key, values = {}) {
  const found = table[key] ?? english[key];
  if (found === undefined) return key;
  const form = typeof found === "string" ? found : found[plural.select(values.count)] ?? found.other;
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Tell whether there is a text for `key`. */
export function known(key) {
  return key in english;
}

/** Write the texts of a page's fixed parts. */
export function fill(root) {
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  for (const element of root.querySelectorAll("[data-role]")) element.setAttribute("aria-roledescription", say(element.dataset.role));
}
