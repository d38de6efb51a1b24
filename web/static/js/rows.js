// The rows of the page's lists; web/live_rows.py makes the same ones.

/** @typedef {import("./markup.js").Item} Item */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Entry} Entry */
/** @typedef {import("./store.js").Message} Message */

/** @param {Store} store @param {Entry} entry @param {boolean} newest @returns {Item} */
export function entryRow(store, entry, newest) {
  if (entry.kind === "message") return messageRow(store, entry, newest);
  const mine = entry.line === "floor" && entry.member === store.me;
  return lineRow(String(entry.number), mine ? "floor-me" : entry.line, entry.pseudonym);
}

/** @param {string} key @param {string} line @returns {Item} */
export function lineRow(key, line, name = "") {
  return { key, template: "line-row", signs: new Set([`line:${line}`]), fill: { name } };
}

/** @param {Store} store @param {Message} entry @param {boolean} newest @returns {Item} */
function messageRow({ room, staff, me }, entry, newest) {
  const { number, member, pseudonym: name, at, text, fate } = entry;
  const mine = member === me;
  const lit = room.floor === member && at >= room.floor_since;
  const readable = fate === "said";
  const signs = new Set([`fate:${fate}`, mine ? "by:me" : "by:other"]);
  if (lit) signs.add("lit");
  if (readable && mine) signs.add("may:retract");
  const peer = room.people[member] && room.people[member].role !== "member";
  if (readable && staff && !mine && !peer) signs.add("may:act");
  if (readable && mine && newest) signs.add("state:sent");
  const own = mine && fate === "hidden" && text !== null;
  if (own) signs.add("kept");
  const classes = classList("msg", mine && "msg--mine", lit && "msg--lit", !readable && "msg--gone", own && "msg--held");
  const fill = { name, number, member, text: text ?? "", at };
  return { key: String(number), template: "message-row", classes, signs, fill };
}

/**
 * A message of one's own that is on its way, or waits.
 * @param {import("./outbox.js").Pending} pending @param {boolean} waiting @returns {Item}
 */
export function pendingRow({ key, command, at, state, why }, waiting) {
  const unsent = state === "unsent" || waiting;
  const signs = new Set(["fate:said", "by:me", unsent ? "state:unsent" : "state:sending"]);
  if (why) signs.add("why");
  const classes = classList("msg", "msg--mine", unsent ? "msg--unsent" : "msg--sending");
  return { key, template: "message-row", classes, signs, fill: { text: command.text, at, why } };
}

/** @param {import("./store.js").Note} note @returns {Item} */
export function noteRow({ key, note, reason }) {
  return { key, template: "note-row", signs: new Set([`note:${note}`]), fill: { reason } };
}

/** @param {...(string | false | null | undefined)} names */
function classList(...names) {
  return names.filter(Boolean).join(" ");
}

/** @param {Store} store @param {string} template @returns {Item[]} */
export function people(store, template) {
  const entries = Object.keys(store.room.people).map(Number);
  const leads = (/** @type {number} */ m) => store.room.people[m].role !== "member";
  const ordered = [...entries.filter(leads), ...entries.filter((m) => !leads(m))];
  return ordered.map((member) => personRow(store, member, template));
}

/** @param {Store} store @returns {Item[]} */
export function hands(store) {
  const here = store.room.hands.filter((/** @type {number} */ m) => m in store.room.people);
  return here.map((/** @type {number} */ member) => personRow(store, member, "hand-row"));
}

/** @param {Store} store @param {number} member @param {string} template @returns {Item} */
function personRow({ room, staff, me }, member, template) {
  const person = room.people[member];
  const leads = person.role !== "member";
  const signs = new Set(Object.entries({
    lit: room.floor === member,
    you: member === me,
    leads,
    lost: !person.here,
    hand: room.hands.includes(member),
    "may:act": staff && !leads && member !== me,
    muted: staff && member in staff.muted,
    listening: staff?.listening.includes(member),
    first: staff?.first_meeting.includes(member),
  }).filter(([, holds]) => holds).map(([sign]) => sign));
  const look = signs.has("lit") ? "is-lit" : signs.has("you") ? "is-you" : "";
  const classes = template === "person-row" ? look : "person";
  return { key: String(member), template, classes, signs, fill: { name: person.pseudonym, member } };
}

/** @param {Store} store @returns {Item[]} */
export function seats({ room, me }) {
  const seat = (/** @type {number} */ member, /** @type {string} */ classes) => (
    { key: String(member), template: "seat-row", classes, signs: new Set(), fill: {} });
  const lit = room.floor === null ? [] : [seat(room.floor, "seat seat--lit")];
  const queue = room.hands.map((/** @type {number} */ m) => seat(m, m === me ? "seat seat--you" : "seat"));
  return [...lit, ...queue];
}

/** @param {Store} store @returns {Item[]} */
export function muted({ staff, names }) {
  return Object.entries(staff.muted).map(([member, { reason, until }]) =>
    sanctioned(member, "muted-row", names[member], { reason, at: until }));
}

/** @param {Store} store @returns {Item[]} */
export function removed({ staff, names }) {
  return Object.entries(staff.removed).map(([member, reason]) =>
    sanctioned(member, "removed-row", names[member], { reason: String(reason) }));
}

/**
 * Somebody who may have left the table, so that only what was heard before tells their name.
 * @param {string} member @param {string} template @param {string | undefined} name
 * @param {Record<string, string | number>} more @returns {Item}
 */
function sanctioned(member, template, name, more) {
  const signs = new Set([name ? "named" : "nameless"]);
  return { key: member, template, signs, fill: { name: name ?? "", member, ...more } };
}
