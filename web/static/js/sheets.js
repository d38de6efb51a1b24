// Acts on a person: a sheet with what, why and how long, and the notice exactly as it will be read.

import { timeOfDay } from "./language.js";
import { copy, fill, write } from "./markup.js";

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
    const link = event.target instanceof Element ? event.target.closest("a[data-sheet], a[data-close]") : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    if (link.dataset.close !== undefined && !this.dialog) return;
    event.preventDefault();
    if (link.dataset.close !== undefined) this.close();
    else this.open(link);
  }

  /** @param {HTMLAnchorElement} opener */
  open(opener) {
    const query = new URL(opener.href).searchParams;
    const message = this.store.message(Number(query.get("message") ?? -1));
    const member = query.get("member") ?? String(message?.member ?? "");
    const dialog = /** @type {HTMLDialogElement} */ (copy(`sheet-${opener.dataset.sheet}`));
    fill(dialog, {
      member,
      message: message?.number ?? "",
      name: message?.pseudonym ?? this.store.names[member] ?? "",
      text: message?.text ?? "",
    });
    dialog.addEventListener("input", () => this.preview());
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.dialog = null;
      if (opener.isConnected && opener.checkVisibility()) opener.focus();
      else document.getElementById("box")?.focus();
    });
    document.body.append(dialog);
    this.dialog = dialog;
    this.preview();
    dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog.querySelector("#sheet-head"))?.focus();
  }

  preview() {
    const form = this.dialog?.querySelector("form");
    if (!form) return;
    const data = new FormData(form);
    const reason = form.querySelector("[data-preview]");
    if (reason) write(reason, String(data.get("reason") || "…"));
    const until = form.querySelector("[data-preview-until]");
    if (until) write(until, timeOfDay(Date.now() / 1000 + Number(data.get("minutes")) * 60));
  }

  /** @param {import("./outbox.js").Answer} answer */
  answered({ done, why }) {
    if (done) this.close();
    const place = this.dialog?.querySelector("#sheet-refused");
    if (place) place.textContent = why;
  }

  close() {
    this.dialog?.close();
  }
}
