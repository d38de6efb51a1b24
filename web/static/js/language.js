// The sentences that scripts say themselves. Most words of the page are in its markup already.

const block = document.getElementById("strings");
/** @type {Record<string, string>} */
const strings = block?.textContent ? JSON.parse(block.textContent) : {};

/** A pattern with its `{name}`s filled in. @param {string} pattern @param {Record<string, string | number>} values */
export function fillIn(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * A sentence in the page's language; in English where it is not translated.
 * @param {string} sentence @param {Record<string, string | number>} [values]
 */
export function t(sentence, values = {}) {
  return fillIn(strings[sentence] ?? sentence, values);
}

const clock = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
  hour: "numeric", minute: "2-digit",
});

/** A time of day in the reader's own zone. @param {number} at seconds since the epoch */
export function timeOfDay(at) {
  return clock.format(new Date(at * 1000));
}
