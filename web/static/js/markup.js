// The page says everything at once, and signs decide what is shown. Rows of lists are copies of
// <template>s that the server wrote, so both write the same markup. Only text is ever filled in.

import { timeOfDay } from "./language.js";

/** @typedef {{key: string, template: string, classes?: string, signs: Set<string>,
 *   fill: Record<string, string | number>}} Item */

/**
 * Show what one of these signs stands for, and hide the rest.
 * @param {ParentNode} root @param {Set<string>} signs
 */
export function show(root, signs, attribute = "data-when") {
  for (const element of root.querySelectorAll(`[${attribute}]`)) {
    const on = element.getAttribute(attribute)?.split(" ").some((sign) => signs.has(sign));
    element.toggleAttribute("hidden", !on);
  }
}

/** Put texts in their places. @param {ParentNode} root @param {Record<string, string | number>} fill */
export function fill(root, fill) {
  const text = (/** @type {string | undefined} */ name) => String(fill[name ?? ""] ?? "");
  const pattern = (/** @type {string | undefined} */ p) => p?.replace(/\{(\w+)\}/g, (_, name) => text(name)) ?? "";
  const each = (/** @type {string} */ name, /** @type {(e: any, value: string) => void} */ set) => {
    for (const element of root.querySelectorAll(`[data-${name}]`)) {
      set(element, /** @type {HTMLElement} */ (element).dataset[name] ?? "");
    }
  };
  each("fill", (element, name) => write(element, text(name)));
  each("value", (element, name) => { element.value = text(name); });
  each("href", (element, p) => element.setAttribute("href", pattern(p)));
  each("id", (element, p) => { element.id = pattern(p); });
  each("labels", (element, p) => element.setAttribute("aria-labelledby", pattern(p)));
  for (const time of root.querySelectorAll("time[data-at]:not([data-until])")) {
    /** @type {HTMLElement} */ (time).dataset.at = text("at");
    tell(time);
  }
}

/** Change a text only where it differs: screen readers may speak of every change. @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Write a `<time data-at>` in the reader's own zone. @param {Element} time */
export function tell(time) {
  const at = Number(/** @type {HTMLElement} */ (time).dataset.at);
  if (!at) return;
  write(time, timeOfDay(at));
  time.setAttribute("datetime", new Date(at * 1000).toISOString());
}

/** A copy of a template's one element. @param {string} template @returns {HTMLElement} */
export function copy(template) {
  const source = /** @type {HTMLTemplateElement} */ (document.getElementById(template));
  return /** @type {HTMLElement} */ (/** @type {Element} */ (source.content.firstElementChild).cloneNode(true));
}

/** What each row shows now. @type {WeakMap<Element, string>} */
const painted = new WeakMap();

/**
 * Make a list's rows equal to the items, touching only what changed. Returns the rows that are new.
 * @param {Element} list @param {Item[]} items @returns {HTMLElement[]}
 */
export function sync(list, items) {
  const wanted = new Set(items.map((item) => item.key));
  const rows = new Map();
  for (const row of [...list.children]) {
    const key = /** @type {HTMLElement} */ (row).dataset.key ?? "";
    if (wanted.has(key)) rows.set(key, row);
    else row.remove();
  }
  const fresh = [];
  let place = list.firstElementChild;
  for (const item of items) {
    let row = rows.get(item.key);
    if (!row) {
      row = copy(item.template);
      row.dataset.key = item.key;
      fresh.push(row);
    }
    if (row === place) place = place.nextElementSibling;
    else list.insertBefore(row, place);
    paint(row, item);
  }
  return fresh;
}

/** @param {HTMLElement} row @param {Item} item */
function paint(row, item) {
  const now = JSON.stringify([item.classes, [...item.signs], item.fill]);
  if (painted.get(row) === now) return;
  painted.set(row, now);
  if (item.classes !== undefined) row.className = item.classes;
  show(row, item.signs, "data-if");
  fill(row, { key: item.key, ...item.fill });
}
