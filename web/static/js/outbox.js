// What was asked for and not answered yet. Every ask has a key, so that asking again after a loss
// does nothing twice. Words stay here until the room has them or their author lets go of them.

/** @typedef {{id: number, key: string, command: Record<string, any>, at: number,
 *   state: "sending" | "unsent" | "done", why: string, tries: number, number: number | null,
 *   after: number,
 *   settle: (answer: Answer) => void}} Pending */
/** @typedef {{done: boolean, why: string}} Answer */

/** Refusals of the machinery, not of the rules: the same ask is sent again by itself. */
const PASSING = new Set(["unavailable", "something_broke", "too_fast"]);
const MOST_TRIES = 6;

export class Outbox {
  /**
   * @param {(frame: object) => boolean} send whether the frame went out
   * @param {string} room @param {() => void} changed
   */
  constructor(send, room, changed) {
    this.send = send;
    this.room = room;
    this.changed = changed;
    /** @type {Pending[]} */
    this.pending = [];
    this.count = 0;
  }

  /** Words that are not in the room yet, oldest first. */
  get words() {
    return this.pending.filter((p) => p.command.type === "Speak");
  }

  /**
   * @param {Record<string, any>} command
   * @param {number} after the number of the newest thing that was heard before
   * @returns {Promise<Answer>}
   */
  ask(command, after) {
    return new Promise((settle) => {
      this.count += 1;
      const pending = {
        id: this.count, key: freshKey(), command, at: Date.now() / 1000,
        state: /** @type {"sending"} */ ("sending"), why: "", tries: 0, number: null, after,
        settle,
      };
      this.pending.push(pending);
      this.post(pending);
      this.changed();
    });
  }

  /** Ask again for everything that has no answer: the connection is new. */
  flush() {
    for (const pending of this.pending) if (pending.state === "sending") this.post(pending);
  }

  /** What somebody says goes out one after the other, so that it arrives in the order it was said. */
  next() {
    const pending = this.words.find((p) => p.state === "sending");
    if (pending) this.post(pending);
  }

  /** @param {{re: number, numbers: Record<string, number>}} frame */
  done({ re, numbers }) {
    const pending = this.find({ id: re });
    if (!pending) return;
    // The row stays until the room's own line is here, so that nothing blinks.
    Object.assign(pending, { state: "done", why: "", number: numbers.room ?? 0 });
    if (pending.command.type === "Speak") this.next();
    else this.forget(pending);
    pending.settle({ done: true, why: "" });
  }

  /** @param {{re: number, code: string, text: string}} frame */
  refused({ re, code, text }) {
    const pending = this.find({ id: re });
    if (!pending) return;
    pending.why = text;
    if (PASSING.has(code) && pending.tries < MOST_TRIES) {
      pending.tries += 1;
      setTimeout(() => this.again(pending.key), 500 * 2 ** pending.tries);
      return;
    }
    if (code === "conflict") pending.key = freshKey();
    pending.state = "unsent";
    if (pending.command.type === "Speak") this.next();
    else this.forget(pending);
    pending.settle({ done: false, why: text });
  }

  /** Drop the words the room has by now. @param {(number: number) => boolean} arrived */
  settle(arrived) {
    this.pending = this.pending.filter((p) => p.state !== "done" || !arrived(p.number ?? 0));
  }

  /** @param {string} key */
  again(key) {
    const pending = this.find({ key });
    if (!pending || pending.state === "done") return;
    pending.state = "sending";
    this.post(pending);
    this.changed();
  }

  /** @param {string} key */
  drop(key) {
    this.forget(this.find({ key }));
    this.next();
    this.changed();
  }

  clear() {
    this.pending = [];
  }

  /** @param {{id?: number, key?: string}} which */
  find({ id, key }) {
    return this.pending.find((p) => p.id === id || p.key === key);
  }

  /** @param {Pending | undefined} pending */
  forget(pending) {
    this.pending = this.pending.filter((p) => p !== pending);
  }

  /** @param {Pending} pending */
  post(pending) {
    const { id, key, command } = pending;
    const waits = command.type === "Speak" && pending !== this.words.find((p) => p.state === "sending");
    if (!waits) this.send({ frame: "do", id, key, room: this.room, command });
  }
}

/** 128 random bits. `crypto.randomUUID` is missing on plain http, as in a local network. */
function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
