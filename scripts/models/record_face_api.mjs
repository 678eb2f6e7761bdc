// Records what the real @vladmandic/face-api says of real faces, on its own bundled TensorFlow.js.
//
//   node record_face_api.mjs PACKAGE_DIRECTORY < FACES > ANSWERS
//
// FACES holds pictures of 112 x 112 RGB bytes, one after another. ANSWERS is a JSON list with one
// object (expression: probability) a face.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const SIZE = 112;
const directory = process.argv[2];

// The bundle is for browsers: it must not notice Node, whose parts it was built without.
const node = globalThis.process;
globalThis.process = undefined;
const faceapi = await import(pathToFileURL(path.resolve(directory, "dist/face-api.esm.js")).href);
globalThis.process = node;

class Absent {}
faceapi.env.setEnv({
  Canvas: Absent, CanvasRenderingContext2D: Absent, Image: Absent, ImageData: Absent, Video: Absent,
  createCanvasElement() {}, createImageElement() {}, createVideoElement() {}, fetch() {}, readFile() {},
});
faceapi.tf.env().setPlatform("node", {
  isTypedArray: (value) => ArrayBuffer.isView(value),
  now: () => performance.now(),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
});
await faceapi.tf.setBackend("cpu");
await faceapi.tf.ready();

const model = path.join(directory, "model", "face_expression_model");
const manifest = JSON.parse(fs.readFileSync(`${model}-weights_manifest.json`, "utf8"));
const bytes = new Uint8Array(fs.readFileSync(`${model}.bin`));
const net = faceapi.nets.faceExpressionNet;
net.loadFromWeightMap(faceapi.tf.io.decodeWeights(bytes.buffer, manifest[0].weights));

const pixels = fs.readFileSync(0);
const answers = [];
for (let start = 0; start < pixels.length; start += SIZE * SIZE * 3) {
  const face = Float32Array.from(pixels.subarray(start, start + SIZE * SIZE * 3));
  answers.push({ ...(await net.predictExpressions(faceapi.tf.tensor3d(face, [SIZE, SIZE, 3]))) });
}
console.log(JSON.stringify(answers));
