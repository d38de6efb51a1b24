// What is filled into the page's own sentences: names, reasons, ground rules.

import { write } from "./markup.js";

/** @param {import("./store.js").Store} store @param {Record<string, string>} names */
export function drawNames({ mine }, names) {
  /** @type {Record<string, string>} */
  const words = { ...names, removed: mine.removed ?? "", muted: mine.muted?.reason ?? "" };
  for (const place of document.querySelectorAll("[data-name]")) {
    write(place, words[/** @type {HTMLElement} */ (place).dataset.name ?? ""] ?? "");
  }
}

/** The rules, wherever they stand, once for each version. @param {{version: number, lines: string[]}} rules */
export function drawRules({ version, lines }) {
  for (const list of document.querySelectorAll("[data-rules]")) {
    if (list.getAttribute("data-rules") === String(version)) continue;
    list.setAttribute("data-rules", String(version));
    list.replaceChildren(...lines.map((line) => {
      const item = document.createElement("li");
      item.dir = "auto";
      item.textContent = line;
      return item;
    }));
  }
}
