// The dock: the box that is never disabled, and what can be done now.

import { t } from "./language.js";
import { tell } from "./markup.js";

/** Which notice stands at the box for a close code that ends the connection. @type {Record<number, string>} */
const NOTICES = { 4501: "banner-reload", 4503: "banner-session", 4504: "banner-stranger" };
/** How long (ms) a loss may last before anybody is told. */
const PATIENCE = 3_000;

export class Dock {
  /** @param {HTMLFormElement} form @param {() => void} changed @param {() => boolean} holdsWords */
  constructor(form, changed, holdsWords) {
    this.form = form;
    this.changed = changed;
    this.box = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
    this.banner = /** @type {HTMLElement} */ (form.querySelector("#connection"));
    this.refusal = /** @type {HTMLElement} */ (form.querySelector("#refusal"));
    this.timer = 0;
    /** Whether the reader was told that the connection is lost. */
    this.lost = false;
    this.box.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("click", (event) => this.help(event, holdsWords));
  }

  get draft() {
    return this.box.value.trim() !== "";
  }

  /**
   * @param {import("./scene.js").Scene} scene @param {import("./store.js").Store} store
   * @param {Element | null} focused what had the focus before anything was hidden
   */
  draw({ signs, names }, store, focused) {
    this.form.dataset.moment = [...signs].find((sign) => sign.startsWith("dock:"))?.slice(5) ?? "";
    this.form.querySelector("[data-version]")?.setAttribute("value", String(store.room.rules.version));
    const until = this.form.querySelector("[data-until]");
    if (until instanceof HTMLElement && store.mine.muted) {
      until.dataset.at = String(store.mine.muted.until);
      tell(until);
    }
    // A button that has done its work is gone; the next thing to do takes its focus.
    if (focused && this.form.contains(focused) && !focused.checkVisibility()) {
      const next = [...this.form.querySelectorAll("button")].find((b) => b.checkVisibility());
      (next ?? this.form).focus({ preventScroll: true });
    }
    this.box.setAttribute("aria-label", names.me ? t("Your words to the room, as {name}", { name: names.me }) : t("Your words to the room"));
  }

  /** Enter sends where there is a keyboard, never while a word is being composed. @param {KeyboardEvent} event */
  key(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.ctrlKey || composing) return;
    if (!matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    const send = this.form.querySelector("button:not([formaction])");
    if (send instanceof HTMLButtonElement && send.checkVisibility()) this.form.requestSubmit(send);
  }

  /**
   * Help opens beside the room while words wait in it: they live in this page's memory alone, and a
   * page that is left is gone. Without words it opens in place, like any link.
   * @param {MouseEvent} event @param {() => boolean} holdsWords
   */
  help(event, holdsWords) {
    const link = event.target instanceof Element ? event.target.closest("a[href^='/help']") : null;
    if (!link) return;
    const beside = this.draft || holdsWords();
    link.setAttribute("target", beside ? "_blank" : "_self");
    link.setAttribute("rel", "noopener");
  }

  /** @param {string} sentence */
  refuse(sentence) {
    const place = document.createElement("p");
    place.className = "wrong";
    place.textContent = t(sentence);
    this.refusal.replaceChildren(...(sentence ? [place] : []));
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
    const source = template && /** @type {HTMLTemplateElement} */ (document.getElementById(template));
    this.banner.replaceChildren(...(source ? [source.content.cloneNode(true)] : []));
    this.changed();
  }
}
