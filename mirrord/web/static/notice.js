// The notice for visitors: what the mirror is, what it keeps, how to switch its eye off. To be printed.

import { at, hide, put, set } from "./dom.js";
import { get } from "./rest.js";
import { languagePicker } from "./language.js";
import { fill, say } from "./words.js";

fill(document);
document.title = say("notice.title");
at("languages").append(languagePicker());
at("print").addEventListener("click", () => print());
show(await told());
document.body.dataset.ready = "";

async function told() {
  for (;;) {
    try {
      return await get("/notice/facts");
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2000)); // the mirror is restarting
    }
  }
}

function show({ name, address, keep_days: days, smart_home: hears, collective }) {
  put(at("who"), name);
  put(at("keeps"), say("notice.keeps.is", { count: days }));
  const told = [hears && "notice.leaves.hub", collective && "notice.leaves.collective"].filter(Boolean);
  put(at("leaves"), (told.length ? told : ["notice.leaves.nothing"]).map((key) => say(key)).join(" "));
  put(at("how"), say(address ? "notice.off.phone" : "notice.off.here"));
  put(at("address"), address.replace(/^http:\/\//, "").replace(/\/$/, ""));
  hide(at("code"), !address);
  if (address) set(at("code"), "src", "/address.svg");
  set(at("code"), "alt", say("notice.code"));
}
