// What only facilitators see: hands, people, sanctions, and the meeting's own controls.

import { sync } from "./markup.js";
import { hands, muted, people, removed } from "./rows.js";

/** @typedef {import("./store.js").Store} Store */

/** @param {string} name @returns {HTMLElement | null} */
const list = (name) => document.querySelector(`[data-list="${name}"]`);

/** @param {Store} store @param {import("./scene.js").Scene} scene */
export function drawFacilitator(store, { call, signs }) {
  const lists = {
    hands: hands(store),
    people: people(store, "member-row"),
    muted: muted(store),
    removed: removed(store),
  };
  for (const [name, items] of Object.entries(lists)) {
    const element = list(name);
    if (element) sync(element, items);
    document.querySelector(`[data-some="${name}"]`)?.toggleAttribute("hidden", !items.length);
  }
  for (const button of document.querySelectorAll("[data-pressed]")) {
    const sign = /** @type {HTMLElement} */ (button).dataset.pressed ?? "";
    button.setAttribute("aria-pressed", String(signs.has(sign)));
  }
  document.querySelector("[data-call]")?.setAttribute("value", String(call ?? ""));
  offer(document.querySelector("[data-topic]"), store.room.topic);
  offer(document.querySelector("[data-rules-text]"), store.room.rules.lines.join("\n"));
}

/** What the room says goes into a field that nobody has changed. @param {Element | null} field @param {string} text */
function offer(field, text) {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  if (field.value !== field.defaultValue) return;
  field.defaultValue = text;
  field.value = text;
}

/** The tabs of a phone: where the address points is where one is. */
export function armTabs() {
  const links = [...document.querySelectorAll(".tabs a")];
  const follow = () => {
    const here = links.find((link) => link.getAttribute("href") === location.hash) ?? links[0];
    for (const link of links) {
      if (link === here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("hashchange", follow);
  follow();
}
