// Acts on a person: a sheet with what, why and how long, and the notice exactly as it will be read.

import { timeOfDay } from "./language.js";
import { around, copy, fill, one, show, write } from "./markup.js";

export class Sheets {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    /** @type {HTMLDialogElement | null} */
    this.dialog = null;
    document.addEventListener("click", (event) => this.click(event));
  }

  /** @param {MouseEvent} event */
  click(event) {
    const opener = around(event, "a[data-sheet]");
    if (!opener && !(this.dialog && around(event, "a[data-close]"))) return;
    event.preventDefault();
    if (opener) this.open(opener);
    else this.close();
  }

  /** @param {HTMLAnchorElement} opener */
  open(opener) {
    const query = new URL(opener.href).searchParams;
    const message = this.store.message(Number(query.get("message") ?? -1));
    const member = query.get("member") ?? String(message?.member ?? "");
    const dialog = copy(`sheet-${opener.dataset.sheet}`);
    fill(dialog, {
      member,
      message: message?.number ?? "",
      name: message?.pseudonym ?? this.store.names[member] ?? "",
      text: message?.text ?? "",
    });
    show(dialog, new Set(message ? ["message"] : []), "if");
    dialog.addEventListener("input", () => this.preview());
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.dialog = null;
      const back = opener.isConnected && opener.checkVisibility() ? opener : one("#box");
      back.focus();
    });
    document.body.append(dialog);
    this.dialog = dialog;
    this.preview();
    dialog.showModal();
    one("#sheet-head", dialog).focus();
  }

  preview() {
    if (!one("[data-preview]")) return;
    const { reason, minutes } = Object.fromEntries(new FormData(one("form", this.dialog ?? document)));
    write(one("[data-preview]"), String(reason || "…"));
    const until = one("[data-preview-until]");
    if (until) write(until, timeOfDay(Date.now() / 1000 + Number(minutes) * 60));
  }

  /** @param {boolean} done @param {string} why */
  answered(done, why) {
    if (done) this.close();
    else if (this.dialog) one("#sheet-refused", this.dialog).textContent = why;
  }

  close() {
    this.dialog?.close();
  }
}
