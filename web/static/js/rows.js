// The rows of the page's lists; web/live_rows.py makes the same ones.

/** @import { Item, Values } from "./markup.js" */
/** @import { Entry, Message, Note, Store } from "./store.js" */

/** The names of what holds. @param {Record<string, unknown>} facts */
const holding = (facts) => Object.keys(facts).filter((name) => facts[name]);

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
  const peer = member in room.people && room.people[member].role !== "member";
  const kept = mine && fate === "hidden" && text !== null;
  return {
    key: String(number),
    template: "message-row",
    classes: holding({ msg: true, "msg--mine": mine, "msg--lit": lit, "msg--gone": !readable, "msg--held": kept }).join(" "),
    signs: new Set([`fate:${fate}`, mine ? "by:me" : "by:other", ...holding({
      lit,
      kept,
      "may:retract": readable && mine,
      "may:act": readable && staff && !mine && !peer,
      "may:tell": readable && !staff && !mine,
      "state:sent": readable && mine && newest,
    })]),
    fill: { name, number, member, text: text ?? "", at },
  };
}

/**
 * A message of one's own that is on its way, or waits.
 * @param {import("./outbox.js").Pending} pending @param {boolean} waiting @returns {Item}
 */
export function pendingRow({ key, command, at, state, why }, waiting) {
  const now = state === "unsent" || waiting ? "unsent" : "sending";
  const signs = new Set(["fate:said", "by:me", `state:${now}`, ...holding({ why })]);
  const fill = { text: command.text, at, why };
  return { key, template: "message-row", classes: `msg msg--mine msg--${now}`, signs, fill };
}

/** @param {Note} note @returns {Item} */
export function noteRow({ key, note, reason }) {
  return { key, template: "note-row", signs: new Set([`note:${note}`]), fill: { reason } };
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
  const { pseudonym, role, here } = room.people[member];
  const leads = role !== "member";
  const lit = room.floor === member;
  const you = member === me;
  const look = lit ? "is-lit" : you ? "is-you" : "";
  const signs = new Set(holding({
    lit,
    you,
    leads,
    lost: !here,
    hand: room.hands.includes(member),
    "may:act": staff && !leads && !you,
    "may:tell": !staff && !you,
    muted: staff && member in staff.muted,
    listening: staff?.listening.includes(member),
    first: staff?.first_meeting.includes(member),
  }));
  const classes = template === "person-row" ? look : "person";
  return { key: String(member), template, classes, signs, fill: { name: pseudonym, member } };
}

/** The lit seat, then the hands in order. @param {Store} store @returns {Item[]} */
export function seats({ room, me }) {
  const seat = (/** @type {number} */ member, /** @type {string} */ classes) => (
    { key: String(member), template: "seat-row", classes, signs: new Set(), fill: {} });
  const lit = room.floor === null ? [] : [seat(room.floor, "seat seat--lit")];
  return lit.concat(room.hands.map((/** @type {number} */ m) => seat(m, m === me ? "seat seat--you" : "seat")));
}

/** @param {Store} store @returns {Item[]} */
export function muted({ staff, names }) {
  return Object.entries(staff.muted).map(([member, { reason, until }]) =>
    sanctioned(member, "muted-row", names[member], { reason, at: until }));
}

/** @param {Store} store @returns {Item[]} */
export function removed({ staff, names }) {
  return Object.entries(staff.removed).map(([member, reason]) =>
    sanctioned(member, "removed-row", names[member], { reason }));
}

/**
 * Somebody who may have left the table, so that only what was heard before tells their name.
 * @param {string} member @param {string} template @param {string | undefined} name
 * @param {Values} more @returns {Item}
 */
function sanctioned(member, template, name, more) {
  const signs = new Set([name ? "named" : "nameless"]);
  return { key: member, template, signs, fill: { name: name ?? "", member, ...more } };
}
