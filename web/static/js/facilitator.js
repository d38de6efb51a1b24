// What only facilitators see: hands, people, sanctions, and the meeting's own controls.

import { alerts, asked, between, onDuty, reports } from "./care.js";
import { all, one, sync } from "./markup.js";
import { hands, muted, people, removed } from "./rows.js";

/** @param {import("./store.js").Store} store @param {import("./scene.js").Scene} scene */
export function drawFacilitator(store, { call, signs }) {
  const lists = {
    hands: hands(store),
    people: people(store, "member-row"),
    muted: muted(store),
    removed: removed(store),
    alerts: alerts(store),
    asked: asked(store),
    between: between(store),
    reports: reports(store),
  };
  for (const [name, items] of Object.entries(lists)) {
    const list = one(`[data-list="${name}"]`);
    if (!list) continue;  // on call there is no room to show
    sync(list, items);
    one(`[data-some="${name}"]`)?.toggleAttribute("hidden", !items.length);
  }
  for (const button of all("[data-pressed]")) {
    button.ariaPressed = String(signs.has(button.dataset.pressed));
  }
  duty(onDuty(store));
  one("[data-call]").value = call ?? "";
  offer(one("[data-topic]"), store.room.topic);
  offer(one("[data-rules-text]"), store.room.rules.lines.join("\n"));
}

/** To whom an alert can be handed over, in every form that asks. @param {[string, any][]} people */
function duty(people) {
  const wanted = people.map(([member, { pseudonym }]) => `${member} ${pseudonym}`).join("\n");
  for (const select of all("[data-duty]")) {
    if (select.dataset.duty === wanted) continue;
    select.dataset.duty = wanted;
    const options = people.map(([member, { pseudonym }]) => new Option(pseudonym, member));
    select.replaceChildren(select.options[0], ...options);
  }
}

/** What the room says goes into a field that nobody has changed. @param {any} field @param {string} text */
function offer(field, text) {
  if (field.value === field.defaultValue) field.value = field.defaultValue = text;
}

/** The tabs of a phone: where the address points is where one is. */
export function armTabs() {
  const links = all(".tabs a");
  const follow = () => {
    const here = links.find((link) => link.hash === location.hash) ?? links[0];
    for (const link of links) link.ariaCurrent = link === here ? "true" : null;
  };
  addEventListener("hashchange", follow);
  follow();
}
