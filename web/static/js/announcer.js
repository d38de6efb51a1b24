// What is spoken, apart from what is shown: a message list in a live region would be read again with
// every change of it.

import { t } from "./language.js";
import { one } from "./markup.js";

const WINDOW = 5_000;
const MOST = 3;
const KEPT = 20;

/** Speaks other people's new messages; many at once become a number. */
export class Announcer {
  constructor() {
    /** A hidden `role=log`. */
    this.log = one("#announcer");
    /** @type {{number: number, line: string}[]} */
    this.waiting = [];
    this.timer = 0;
  }

  /** @param {{number: number, pseudonym: string, text: string | null}} message */
  hear({ number, pseudonym, text }) {
    this.waiting.push({ number, line: t("{name}: {text}", { name: pseudonym, text: text ?? "" }) });
    if (!this.timer) this.flush();
  }

  /** Words that were hidden or taken back are not spoken any more. @param {number} number */
  withhold(number) {
    this.waiting = this.waiting.filter((each) => each.number !== number);
    this.log.querySelector(`[data-number="${number}"]`)?.remove();
  }

  flush() {
    const lines = this.waiting.splice(0);
    this.timer = lines.length ? setTimeout(() => this.flush(), WINDOW) : 0;
    if (lines.length > MOST) this.say(t("{count} new messages", { count: lines.length }));
    else lines.forEach(({ number, line }) => this.say(line, number));
  }

  /** @param {string} line @param {number} [number] of the message, if it is one */
  say(line, number = 0) {
    const element = document.createElement("p");
    element.textContent = line;
    element.dataset.number = String(number);
    this.log.append(element);
    if (this.log.childElementCount > KEPT) this.log.firstElementChild?.remove();
  }

  clear() {
    this.waiting = [];
    this.log.replaceChildren();
  }
}

/** One polite line: what happens in the room, at most one in five seconds, one's own turn at once. */
export class Status {
  constructor() {
    /** A hidden `role=status`. */
    this.element = one("#status");
    this.last = 0;
    this.timer = 0;
  }

  /** @param {string} line */
  say(line, urgent = false) {
    const wait = this.last + WINDOW - Date.now();
    clearTimeout(this.timer);
    if (!urgent && wait > 0) {
      this.timer = setTimeout(() => this.say(line), wait);
      return;
    }
    this.last = Date.now();
    this.element.textContent = line;
  }
}
