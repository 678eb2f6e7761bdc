// Where the mirror sees faces, on a blank canvas: to aim the camera by. There is no picture in it.

import { make, put, set } from "../dom.js";
import { announce } from "../news.js";
import { say } from "../words.js";

const SVG = "http://www.w3.org/2000/svg";
const QUIET_MS = 1500;
// Shares of the frame's height: a face within reach of the networks, and not too near the lens.
const FAR = 0.11;
const NEAR = 0.7;
// Where the middle of a face may be, as shares of width and height.
const PLACE = { left: 0.25, right: 0.75, top: 0.22, bottom: 0.72 };

/** Return the aid; `show(state)` draws what is seen now. */
export function framing(heading = "h3") {
  const drawing = draw("svg", { role: "img" });
  const words = make("p", "framing-words");
  const small = make("p", "help", say("frame.promise"));
  const title = make(heading, "", say("frame.title"));
  const element = make("figure", "framing", title, drawing, make("figcaption", "", words, small));
  let saidAt = 0;
  let said = "";

  function show(state) {
    const frame = state.frame ?? { width: 640, height: 480 };
    const faces = state.frame ? state.faces : [];
    set(drawing, "viewBox", `0 0 ${frame.width} ${frame.height}`);
    drawing.replaceChildren(guide(frame), ...faces.map((face) => outline(face, frame)));
    const sentence = advice(state, frame, faces);
    put(words, sentence);
    set(drawing, "aria-label", sentence);
    tell(sentence);
  }

  /** A screen reader hears what stays true for a moment. */
  function tell(sentence) {
    const now = performance.now();
    if (sentence !== said) saidAt = now;
    const first = said === "";
    said = sentence;
    if (!first && saidAt && now - saidAt > QUIET_MS && element.contains(document.activeElement)) {
      announce(sentence);
      saidAt = 0;
    }
  }

  drawing.tabIndex = 0;
  set(drawing, "aria-label", title.textContent); // until there is something to say
  return { element, show };
}

function advice(state, frame, faces) {
  if (!state.controls.camera) return say("frame.off");
  if (state.camera.state !== "open") return say("frame.no_camera", { detail: state.camera.detail || say(`camera.${state.camera.state}`) });
  if (!faces.length) return say("frame.nobody");
  const nearest = faces.reduce((one, other) => (one.box[3] >= other.box[3] ? one : other));
  return say(`frame.${word(nearest, frame)}`);
}

/** The one thing to do about a face, the most important first. */
export function word(face, frame) {
  const [x, y, width, height] = face.box;
  const across = (x + width / 2) / frame.width;
  const down = (y + height / 2) / frame.height;
  if (face.quality === "dark" || face.quality === "turned" || face.quality === "blurred") return face.quality;
  if (down < PLACE.top) return "up";
  if (down > PLACE.bottom) return "down";
  if (across < PLACE.left || across > PLACE.right) return "aside";
  if (face.quality === "small" || height < FAR * frame.height) return "closer";
  return height > NEAR * frame.height ? "away" : "good";
}

/** As in a mirror: what is on your left is on the left. */
function outline(face, frame) {
  const [x, y, width, height] = face.box;
  const left = frame.width - x - width;
  const shown = draw("rect", { x: left, y, width, height, rx: width * 0.18, class: word(face, frame) === "good" ? "face good" : "face" });
  const name = draw("text", { x: left + width / 2, y: Math.min(frame.height - 8, y + height + 0.07 * frame.height), class: "face-word" });
  name.style.fontSize = `${0.055 * frame.height}px`;
  name.textContent = say(`frame.short.${word(face, frame)}`);
  const both = draw("g", {});
  both.append(shown, name);
  return both;
}

function guide(frame) {
  const { left, right, top, bottom } = PLACE;
  return draw("rect", {
    x: left * frame.width,
    y: top * frame.height,
    width: (right - left) * frame.width,
    height: (bottom - top) * frame.height,
    rx: 0.04 * frame.width,
    class: "guide",
  });
}

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  return element;
}
