// The dock: the box that is never disabled, and what can be done now.

import { t } from "./language.js";
import { all, one, tell } from "./markup.js";

/** Which notice stands at the box for a close code that ends the connection. @type {Record<number, string>} */
const NOTICES = { 4501: "banner-reload", 4503: "banner-session", 4504: "banner-stranger" };
/** How long (ms) a loss may last before anybody is told. */
const PATIENCE = 3_000;

export class Dock {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.form = one("#dock");
    this.box = one("#box");
    this.banner = one("#connection");
    this.timer = 0;
    /** Whether the reader was told that the connection is lost. */
    this.lost = false;
    this.box.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
  }

  get draft() {
    return this.box.value.trim() !== "";
  }

  /** @param {import("./scene.js").Scene} scene @param {import("./store.js").Store} store */
  draw({ moment, names }, { room, mine }) {
    this.form.dataset.moment = moment;
    one("[data-version]").value = room.rules.version;
    if (mine.muted) tell(one("[data-until]"), mine.muted.until);
    this.box.ariaLabel = names.me ? t("Your words to the room, as {name}", { name: names.me }) : t("Your words to the room");
  }

  /** What had the focus has done its work and is gone; what comes next takes it. @param {Element} gone */
  takeFocus(gone) {
    const home = gone.closest("article, .thumb, .dock");
    const near = home?.isConnected ? [...all("button", home), home] : [];
    const after = gone.isConnected ? [] : [this.box];
    // On a phone the people lie over the dock.
    if (location.hash === "#circle") location.hash = "#dock";
    const next = [...near, ...after, ...all(".dock__line", this.form), this.form];
    next.find((each) => each.checkVisibility())?.focus({ preventScroll: true });
  }

  /** Enter sends where there is a keyboard, never while a word is being composed. @param {KeyboardEvent} event */
  key(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.ctrlKey || composing) return;
    if (!matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    const send = one("button:not([formaction])", this.form);
    if (send.checkVisibility()) this.form.requestSubmit(send);
  }

  /** @param {string} sentence */
  refuse(sentence) {
    const place = Object.assign(document.createElement("p"), { className: "wrong", textContent: t(sentence) });
    one("#refusal").replaceChildren(...(sentence ? [place] : []));
  }

  /** Put words back into the box, below what stands there already. @param {string} words */
  giveBack(words) {
    this.box.value = this.draft ? `${this.box.value}\n${words}` : words;
    this.box.focus();
  }

  /** @param {import("./connection.js").State} state @param {number} code */
  connection(state, code) {
    if (state === "open") this.say(null);
    else if (state === "stopped") this.say(NOTICES[code] ?? "banner-stopped");
    else if (!this.lost) this.timer ||= setTimeout(() => this.say("banner-lost"), PATIENCE);
  }

  /** @param {string | null} template */
  say(template) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.lost = template !== null;
    this.banner.hidden = !this.lost;
    this.banner.replaceChildren(...(template ? [one(`#${template}`).content.cloneNode(true)] : []));
    this.changed();
  }
}
