// The card's numbers: asked for with the country that was chosen and the hour of this device, so that
// a line that is closed now does not stand first. The server never learns the hour from anything else.

import { optionRow } from "./care.js";
import { all, one, sync } from "./markup.js";

export class Card {
  constructor() {
    this.note = one("#card");
    this.form = one("[data-country]");
    this.options = one('[data-list="options"]');
    this.facts = one('[data-list="facts"]');
    /** When the card that was shown last had come, in seconds; 0 for none. */
    this.at = 0;
    /** What was asked for last; the same is not asked again. */
    this.asked = "";
    // A finger chooses once; with a keyboard every arrow key is a change, and the button is there.
    this.form?.addEventListener("change", () => {
      if (matchMedia("(pointer: coarse)").matches) this.form.requestSubmit();
    });
  }

  /** Whether the card that is shown came since this was last asked. @param {import("./store.js").Store} store */
  isNew({ mine }) {
    const at = this.note && !this.note.hidden ? mine.card.at : 0;
    const fresh = at > this.at;
    this.at = at;
    return fresh;
  }

  /** @param {import("./store.js").Store} store @param {Set<string>} signs */
  draw({ mine }, signs) {
    const { card, country } = mine;
    if (!card || card.put_away || !card.level || !country) return;
    const now = new Date();
    const query = new URLSearchParams({
      level: String(card.level),
      category: card.category ?? "",
      minute: String(((now.getDay() + 6) % 7) * 1_440 + now.getHours() * 60 + now.getMinutes()),
      person: signs.has("reach:yes") ? "1" : "0",
    });
    const asked = `${country} ${card.level} ${card.category} ${signs.has("reach:yes")}`;
    if (asked === this.asked) return;
    this.asked = asked;
    this.ask(`/help/options/${country}?${query}`);
  }

  /** Without an answer what the page came with stays, and all of Help is one tap away. @param {string} address */
  async ask(address) {
    try {
      const answer = await fetch(address);
      if (answer.ok) this.show(await answer.json());
    } catch {
      this.asked = "";
    }
  }

  /** @param {any[]} options */
  show(options) {
    const rows = options.map(optionRow);
    sync(this.options, rows);
    sync(this.facts, rows.filter(({ signs }) => signs.has("named")).map((row) => ({ ...row, template: "fact-row", classes: "" })));
    for (const none of all('[data-none="options"]')) none.hidden = rows.length > 0;
  }
}
