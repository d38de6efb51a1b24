// What this page knows of its room: the View, how far each stream was heard, and what was said.
// No DOM and no clock in here, so that a test can compare it with the rules themselves.

import { apply } from "./reducers.js";

/** @typedef {{kind: "message", number: number, member: number, pseudonym: string, at: number,
 *   text: string | null, fate: "said" | "retracted" | "hidden"}} Message */
/** @typedef {{kind: "line", number: number, at: number, line: string, member: number,
 *   pseudonym: string}} Line */
/** @typedef {Message | Line} Entry */
/** @typedef {{key: string, note: string, reason: string}} Note */
/** @typedef {{number: number, other: number, mine: boolean, text: string, at: number}} Word */
/** @typedef {"applied" | "read" | "old" | "gap"} Heard */

/** Entries kept on the page; older ones are in the room's log for as long as the meeting is. */
export const ENTRIES = 500;

/** What a room is before anything was heard of it; also what somebody hears who was removed. */
const EMPTY = Object.freeze({
  rules: { version: 0, lines: [] }, meetings_held: 0, meeting: null, topic: "", mode: "closed",
  quiet: false, hold: "none", hold_since: 0, floor: null, floor_since: 0, hands: [], people: {}, messages: {},
});
const NOBODY = Object.freeze({
  rules_accepted: 0, first_meeting: false, listening: false, muted: null, removed: null, left: false,
  card: null, asked: false, threads: {}, receipts: {}, country: "",
});

const SAYS = new Set(["Said", "Withheld"]);

/** Events that leave a quiet line between the messages, and its name in the page's templates.
 * @type {Record<string, string>} */
const LINES = Object.freeze({
  Arrived: "arrived", Left: "left", FloorGiven: "floor", MeetingOpened: "opened",
  HoldLifted: "resumed", GroundRulesChanged: "rules",
});

/** What a facilitator did, that one person reads of with the reason, by the verb of the sheet. What
 * lasts is a part of the View instead (`muted`, `removed`). @type {Record<string, string>} */
const NOTES = Object.freeze({
  YourMessageHidden: "hide", YouWereUnmuted: "unmute", YouWereReadmitted: "readmit",
});

export class Store {
  constructor() {
    this.me = 0;
    /** @type {string | null} */
    this.epoch = null;
    /** @type {Record<string, any>} */
    this.view = {};
    /** @type {Record<string, number>} */
    this.numbers = {};
    /** @type {Entry[]} */
    this.entries = [];
    /** Notes to this person that they have not put away. @type {Note[]} */
    this.notes = [];
    /** What was said in private threads, oldest first. @type {Word[]} */
    this.words = [];
    /** Names heard in this meeting, also of people who are not at the table now.
     * @type {Record<string, string>} */
    this.names = {};
    /** How far the room had come at the last snapshot. */
    this.base = 0;
  }

  get room() {
    return this.view.room ?? EMPTY;
  }

  get mine() {
    return this.view[`private:${this.me}`] ?? NOBODY;
  }

  get staff() {
    return this.view.staff ?? null;
  }

  /** The number of the newest thing that was heard in the room. */
  get newest() {
    return this.numbers.room ?? 0;
  }

  /**
   * Begin anew. Frames that follow at or below these numbers are for reading only.
   * @param {{me: number, epoch: string, view: any, numbers: any}} frame
   */
  snapshot({ me, epoch, view, numbers }) {
    Object.assign(this, { me, epoch, view, numbers: { ...numbers }, base: numbers.room ?? 0, entries: [], words: [] });
    for (const member in this.room.people) this.names[member] = this.room.people[member].pseudonym;
  }

  /** How far this page has heard: what `enter` says after a loss. Null before the first snapshot. */
  get heard() {
    return this.epoch === null ? null : { epoch: this.epoch, after: { ...this.numbers } };
  }

  /**
   * One event. "gap" means that something before it is missing and nothing was changed.
   * @param {{stream: string, seq: number, at: number, event: any}} frame @returns {Heard}
   */
  happened({ stream, seq, at, event }) {
    const number = this.numbers[stream];
    if (number === undefined || seq > number + 1) return "gap";
    if (seq <= number) return this.read(stream, seq, at, event);
    if (event.pseudonym) this.names[event.member] = event.pseudonym;
    apply(stream, this.view[stream], event, { seq, now: at });
    this.numbers[stream] = seq;
    this.tell(stream, seq, at, event);
    if (event.type === "YouWereRemovedBecause") this.forget();
    return "applied";
  }

  /**
   * Whether the server is further than this page, or speaks of another room's life.
   * @param {{epoch: string, numbers: Record<string, number>}} heartbeat @returns {boolean}
   */
  behind({ epoch, numbers }) {
    return epoch !== this.epoch
      || Object.entries(numbers).some(([stream, n]) => n > (this.numbers[stream] ?? -1));
  }

  /** The words of the room are not this person's any more. */
  forget() {
    Object.assign(this, { entries: [], names: {}, notes: [] });
    for (const stream of ["room", "staff"]) {
      delete this.view[stream];
      delete this.numbers[stream];
    }
  }

  /** @param {string} stream @param {number} seq @param {number} at @param {any} event @returns {Heard} */
  read(stream, seq, at, event) {
    if (event.type === "PrivatelySaid") return this.whisper(seq, at, event) ? "read" : "old";
    const history = stream === "room" && seq <= this.base && SAYS.has(event.type);
    if (!history || this.message(seq)) return "old";
    this.say(seq, at, event);
    return "read";
  }

  /** @param {string} stream @param {number} seq @param {number} at @param {any} event */
  tell(stream, seq, at, event) {
    if (stream === "room") {
      if (SAYS.has(event.type)) this.say(seq, at, event);
      else if (event.type === "Retracted") this.withhold(event.message, "retracted");
      else if (event.type === "MessageHidden") this.withhold(event.message, "hidden");
      else if (event.type === "MeetingClosed") this.entries = [];
      else if (event.type === "HoldPlaced") this.line(event.hold, seq, at, event);
      else if (event.type in LINES) this.line(LINES[event.type], seq, at, event);
    } else if (event.type === "PrivatelySaid") {
      this.whisper(seq, at, event);
    } else if (event.type === "ThreadEnded") {
      this.words = this.words.filter(({ other }) => other !== event.other);
    } else if (event.type in NOTES) {
      this.notes.push({ key: `note${seq}`, note: NOTES[event.type], reason: event.reason });
    } else if (event.type === "YouWereMuted") {
      this.notes = this.notes.filter(({ note }) => note !== "unmute");
    }
  }

  /** @param {number} number @returns {Message | undefined} */
  message(number) {
    const entry = this.entries.find((e) => e.number === number);
    return entry?.kind === "message" ? entry : undefined;
  }

  /** @param {number} number @param {number} at @param {any} event */
  say(number, at, { member, pseudonym, text = null, fate = "said" }) {
    this.names[member] ??= pseudonym;
    this.insert({ kind: "message", number, member, pseudonym, at, text, fate });
  }

  /** A word of a private thread. @param {number} number @param {number} at @param {any} event */
  whisper(number, at, { other, mine, text }) {
    if (this.words.some((word) => word.number === number)) return false;
    this.words.push({ number, other, mine, text, at });
    this.words.sort((a, b) => a.number - b.number);
    return true;
  }

  /** @param {string} line @param {number} number @param {number} at @param {any} event */
  line(line, number, at, { member = 0 }) {
    this.insert({ kind: "line", number, at, line, member, pseudonym: this.names[member] ?? "" });
  }

  /**
   * Words taken back are gone from this page too. The author of a hidden message keeps sight of
   * their own words.
   * @param {number} number @param {"retracted" | "hidden"} fate
   */
  withhold(number, fate) {
    const entry = this.message(number);
    if (!entry) return;
    entry.fate = fate;
    if (fate === "retracted" || entry.member !== this.me) entry.text = null;
  }

  /** A note was read and put away. @param {string} key */
  putAway(key) {
    this.notes = this.notes.filter((note) => note.key !== key);
  }

  /** @param {Entry} entry */
  insert(entry) {
    let at = this.entries.length;
    while (at > 0 && this.entries[at - 1].number > entry.number) at -= 1;
    this.entries.splice(at, 0, entry);
  }

  /** Drop the oldest entries beyond the limit; called when the reader is at the newest. */
  trim() {
    this.entries.splice(0, this.entries.length - ENTRIES);
  }
}
