// The page says everything at once, and signs decide what is shown. Rows of lists are copies of
// <template>s that the server wrote, so both write the same markup. Only text is ever filled in.

import { fillIn, timeOfDay } from "./language.js";

/** @typedef {Record<string, string | number>} Values */
/** @typedef {{key: string, template: string, classes?: string, signs: Set<string>, fill: Values}} Item */

/**
 * The elements that fit, as whatever the server's markup makes of them.
 * @param {string} selector @param {ParentNode} root @returns {any[]}
 */
export function all(selector, root = document) {
  return [...root.querySelectorAll(selector)];
}

/** The first that fits; null without one. @param {string} selector @param {ParentNode} root @returns {any} */
export function one(selector, root = document) {
  return root.querySelector(selector);
}

/** What an event of the page is about, and whatever it lies in. @param {Event} event @param {string} selector @returns {any} */
export function around(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/** Show what one of these signs stands for, and hide the rest. @param {ParentNode} root @param {Set<string>} signs */
export function show(root, signs, attribute = "when") {
  for (const element of all(`[data-${attribute}]`, root)) {
    const on = element.dataset[attribute].split(" ").some((/** @type {string} */ sign) => signs.has(sign));
    element.toggleAttribute("hidden", !on);
  }
}

/** Attributes that are written from a pattern such as `n{key}`, by the name of the pattern. */
const PATTERNS = Object.entries({ href: "href", id: "id", for: "for", labels: "aria-labelledby" });

/** Put texts in their places. @param {ParentNode} root @param {Values} values */
export function fill(root, values) {
  for (const place of all("[data-fill]", root)) write(place, String(values[place.dataset.fill] ?? ""));
  for (const field of all("[data-value]", root)) field.value = String(values[field.dataset.value] ?? "");
  for (const [name, attribute] of PATTERNS) {
    for (const element of all(`[data-${name}]`, root)) {
      element.setAttribute(attribute, fillIn(element.dataset[name], values));
    }
  }
  for (const time of all("time[data-at]:not([data-until])", root)) tell(time, Number(values.at ?? 0));
}

/** Change a text only where it differs: screen readers may speak of every change. @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Write a `<time>` in the reader's own zone. @param {any} time @param {number} at */
export function tell(time, at = Number(time.dataset.at)) {
  if (!at) return;
  time.dataset.at = at;
  time.dateTime = new Date(at * 1000).toISOString();
  write(time, timeOfDay(at));
}

/** A copy of a template's one element. @param {string} template */
export function copy(template) {
  return one(`#${template}`).content.firstElementChild.cloneNode(true);
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
  for (const row of /** @type {any} */ ([...list.children])) {
    if (wanted.has(row.dataset.key)) rows.set(row.dataset.key, row);
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
    if (row === place) place = row.nextElementSibling;
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
  show(row, item.signs, "if");
  fill(row, { key: item.key, ...item.fill });
}
