// What groups of settings are called: from the catalogue, or else by what the driver says.

import { known, say } from "../words.js";

export const told = (key, otherwise) => (known(key) ? say(key) : otherwise);
export const titleOf = (group) => told(`group.${group.table}`, group.title);
export const aboutOf = (group) => told(`about.${group.table}`, "");
