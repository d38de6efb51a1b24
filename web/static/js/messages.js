// The message list: pinned to the newest unless somebody reads back, and then it never moves.

import { Announcer } from "./announcer.js";
import { t } from "./language.js";
import { all, around, one, sync } from "./markup.js";
import { entryRow, lineRow, noteRow, pendingRow } from "./rows.js";

/** @import { Store } from "./store.js" */
/** @import { Outbox } from "./outbox.js" */

/**
 * The room's own line may be here a moment before the answer to the one who said it; then it is not
 * shown twice. @param {Store} store @param {import("./outbox.js").Pending} pending
 */
function isHere(store, { state, command, after }) {
  return state === "sending" && store.entries.some((entry) => entry.kind === "message"
    && entry.number > after && entry.member === store.me && entry.text === command.text);
}

/** How near the end (px) still counts as being there. */
const NEAR = 60;

export class Messages {
  constructor() {
    this.scroller = one(".stream");
    this.list = one("#messages");
    this.notes = one(".notes");
    this.newest = one("#newest");
    this.announcer = new Announcer();
    /** Where the reader's keys last led. @type {HTMLElement | null} */
    this.stop = null;
    /** The number of the newest entry that was drawn; -1 before the first time. */
    this.drawn = -1;
    /** The newest number of another person's message that was before the reader's eyes. */
    this.unread = 0;
    /** Where the line "New from here" stands. @type {{before: number, line: string} | null} */
    this.mark = null;
    this.away = false;
    this.newest.addEventListener("click", () => this.jump());
    this.scroller.addEventListener("scroll", () => this.read(), { passive: true });
    this.list.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    this.list.addEventListener("focusout", (/** @type {FocusEvent} */ event) => this.closeControls(event));
  }

  get pinned() {
    return Math.abs(this.scroller.scrollTop) < NEAR;
  }

  /** The connection was lost and is back: what comes now was missed. */
  returned() {
    if (this.drawn >= 0) this.away = true;
  }

  /**
   * @param {Store} store @param {Outbox} outbox
   * @param {boolean} waiting whether words cannot go out now
   */
  draw(store, outbox, waiting) {
    if (this.pinned) store.trim();
    this.hear(store, this.pinned);
    const items = this.items(store, outbox, waiting);
    const first = this.list.dataset.drawn === undefined;
    const fresh = sync(this.list, items);
    this.list.dataset.drawn = "";
    if (!first) for (const row of fresh) row.classList.add("msg--new");
    sync(this.notes, store.notes.map(noteRow));
    this.rove();
    this.read();
  }

  /** Do something to the page. Text never moves under somebody who reads back. @param {() => void} draw */
  still(draw) {
    const row = this.pinned ? null : this.topmost();
    const top = row?.getBoundingClientRect().top ?? 0;
    draw();
    if (row?.isConnected) this.scroller.scrollTop += row.getBoundingClientRect().top - top;
  }

  /** @param {Store} store @param {Outbox} outbox @param {boolean} waiting */
  items(store, outbox, waiting) {
    const last = store.entries.findLast((entry) => entry.kind === "message");
    const items = [];
    for (const entry of store.entries) {
      if (entry.number === this.mark?.before) items.push(lineRow("mark", this.mark.line));
      items.push(entryRow(store, entry, entry === last && !outbox.words.length));
    }
    const words = outbox.words.filter((pending) => !isHere(store, pending));
    return [...items, ...words.map((pending) => pendingRow(pending, waiting))];
  }

  /** Speak of what is new, and set the line before what the reader has not seen. @param {Store} store @param {boolean} pinned */
  hear(store, pinned) {
    const fresh = this.drawn < 0 ? [] : store.entries.filter((entry) => entry.number > this.drawn);
    const others = fresh.filter((entry) => entry.kind === "message" && entry.member !== store.me);
    const seen = document.visibilityState === "visible" && document.hasFocus();
    if (others.length && (this.away || !seen) && !this.mark) {
      this.mark = { before: others[0].number, line: this.away ? "back" : "new" };
    }
    if (pinned || this.list.contains(document.activeElement)) {
      for (const entry of others) if (entry.kind === "message" && entry.text) this.announcer.hear(entry);
    }
    for (const entry of store.entries) {
      if (entry.kind === "message" && entry.fate !== "said") this.announcer.withhold(entry.number);
    }
    if (!pinned) this.unread += others.length;
    this.drawn = Math.max(this.drawn, 0, store.entries.at(-1)?.number ?? 0);
  }

  /** The line goes when somebody speaks again: they have caught up. */
  caughtUp() {
    this.mark = null;
    this.scroller.scrollTop = 0;
  }

  clear() {
    Object.assign(this, { mark: null, unread: 0, drawn: -1 });
    for (const list of [this.list, this.notes]) list.replaceChildren();
    this.announcer.clear();
  }

  /** The first row the reader sees now. */
  topmost() {
    const top = this.scroller.getBoundingClientRect().top;
    return [...this.list.children].find((row) => row.getBoundingClientRect().bottom > top);
  }

  /** What is taller than the view is read from its beginning. @param {HTMLElement} note */
  beginAt(note) {
    const hidden = this.scroller.getBoundingClientRect().top - note.getBoundingClientRect().top;
    if (hidden > 0) this.scroller.scrollTop -= hidden;
    this.read();
  }

  jump() {
    this.scroller.scrollTop = 0;
    this.read();
    this.articles().at(-1)?.focus({ preventScroll: true });
  }

  /** What is before the reader's eyes is read. */
  read() {
    if (this.pinned) this.unread = 0;
    this.newest.hidden = this.pinned;
    this.newest.textContent = this.unread
      ? t("{count} new, go to the newest", { count: this.unread })
      : t("Go to the newest");
  }

  articles() {
    return all("article", this.list);
  }

  /** The list is one stop of the Tab key: the newest message, or where the reader last was. */
  rove() {
    const articles = this.articles();
    const stop = articles.find((a) => a.contains(document.activeElement))
      ?? articles.find((a) => a === this.stop) ?? articles.at(-1);
    this.scroller.tabIndex = stop ? -1 : 0;
    for (const article of articles) {
      article.tabIndex = article === stop ? 0 : -1;
      const wanted = "open" in article.dataset ? 0 : -1;
      for (const control of controls(article)) if (control.tabIndex !== wanted) control.tabIndex = wanted;
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const article = around(event, "article");
    if (!article) return;
    const inside = event.target !== article;
    if (event.key === "Escape" && inside) article.focus();
    else if (event.key === "Enter" && !inside) this.openControls(article);
    else if (inside || !this.step(article, event.key)) return;
    event.preventDefault();
  }

  /** @param {HTMLElement} article @param {string} key @returns {boolean} whether the key leads anywhere */
  step(article, key) {
    const articles = this.articles();
    const at = articles.indexOf(article);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: articles.length - 1 }[key];
    if (to === undefined) return false;
    const next = articles[to] ?? article;
    this.stop = next;
    next.focus();
    this.rove();
    return true;
  }

  /** Enter leads into a message's own buttons. @param {HTMLElement} article */
  openControls(article) {
    article.dataset.open = "";
    this.rove();
    controls(article).find((control) => control.checkVisibility())?.focus();
  }

  /** They close when the focus leaves them, for the message itself too. @param {FocusEvent} event */
  closeControls(event) {
    const article = around(event, "article");
    const to = event.relatedTarget;
    if (!article || (to !== article && article.contains(to))) return;
    delete article.dataset.open;
    this.rove();
  }
}

/** @param {HTMLElement} article */
function controls(article) {
  return all("a, button, summary", article);
}
