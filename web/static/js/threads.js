// Private threads: their words, and the box below each. What is written here goes to one person.

import { words } from "./care.js";
import { t } from "./language.js";
import { all, around, one, sync } from "./markup.js";

/** What has to be changed before a starting point may be sent. */
const UNCHANGED = /\[[^\]]*\]/;

export class Threads {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    this.list = one('[data-list="threads"]');
    this.list?.addEventListener("click", (/** @type {MouseEvent} */ event) => this.begin(event));
    this.list?.addEventListener("input", (/** @type {InputEvent} */ event) => this.check(around(event, "form")));
  }

  /** Whether something is written here that was not sent. */
  get draft() {
    return all("[data-thread] textarea").some((box) => box.value.trim() !== "");
  }

  get isOpen() {
    return Boolean(this.list?.childElementCount);
  }

  /** @param {import("./markup.js").Item[]} items @returns {HTMLElement | undefined} a thread that has begun */
  draw(items) {
    if (!this.list) return undefined;
    const fresh = sync(this.list, items);
    for (const panel of all('[data-some="threads"]')) panel.hidden = items.length === 0;
    for (const row of all(":scope > li", this.list)) sync(one("[data-words]", row), words(this.store, Number(row.dataset.key)));
    // Staff who opened it are taken there; nobody else's focus is moved.
    if (fresh.length && this.store.staff) one("textarea", fresh[0])?.focus({ preventScroll: true });
    return fresh[0];
  }

  /** A starting point is put into the box, to be made one's own. @param {MouseEvent} event */
  begin(event) {
    const start = around(event, "[data-start]");
    if (!start) return;
    const form = one("[data-thread]", start.closest("li.thread"));
    const box = one("textarea", form);
    box.value = start.textContent;
    box.focus();
    this.check(form);
  }

  /** Send stays off while a starting point is as it was. @param {any} form */
  check(form) {
    if (form?.dataset.thread === undefined) return;
    const box = one("textarea", form);
    const starts = all("[data-start]", form.closest("li.thread")).map((start) => start.textContent);
    one("button", form).disabled = UNCHANGED.test(box.value) || starts.includes(box.value);
  }

  /**
   * The words leave the box when they have arrived, unless more was written meanwhile.
   * @param {HTMLFormElement} form @param {any} command @param {boolean} done @param {string} why
   */
  answered(form, command, done, why) {
    const box = one("textarea", form);
    if (done && box.value === command.text) box.value = "";
    let place = one(".wrong", form);
    if (done) {
      place?.remove();
      return;
    }
    if (!place) {
      place = Object.assign(document.createElement("p"), { className: "wrong" });
      place.setAttribute("role", "alert");
      form.prepend(place);
    }
    place.textContent = t(why);
  }
}
