// One WebSocket that comes back: after a loss, a sleep, a restart of the server.

const VERSION = 1;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
/** No frame for this long (ms) and the connection is dead, whatever the browser believes: the
 * server's heart beats every fifteen seconds. */
const SILENCE = 40_000;
/** From this close code on the server asks not to come back (server/live/protocol.py). */
const STAY_AWAY = 4500;

/** @typedef {"connecting" | "open" | "lost" | "stopped"} State */

export class Connection {
  /**
   * @param {{enter: () => object, heard: (frames: any[]) => void,
   *   changed: (state: State, code: number) => void}} owner
   */
  constructor(owner) {
    this.owner = owner;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {State} */
    this.state = "connecting";
    this.attempt = 0;
    this.wait = 0;
    this.timer = 0;
    this.heardAt = 0;
  }

  start() {
    addEventListener("online", () => this.hurry());
    addEventListener("pageshow", () => this.hurry());
    addEventListener("pagehide", () => this.pause());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.hurry();
    });
    setInterval(() => this.listen(), 5_000);
    this.connect();
  }

  /** @param {object} frame @returns {boolean} whether it went out */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Ask again where this page is: something is missing, or the streams have changed. */
  enter() {
    this.send(this.owner.enter());
  }

  /** The connection works: the next loss begins with the shortest wait again. */
  settled() {
    this.attempt = 0;
    this.change("open", 0);
  }

  connect() {
    clearTimeout(this.timer);
    this.drop();
    const address = new URL("/socket", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.onopen = () => this.send({ frame: "hello", version: VERSION });
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code }) => this.lost(code);
  }

  /** @param {string} data one frame a line */
  receive(data) {
    this.heardAt = Date.now();
    const frames = data.split("\n").map((line) => JSON.parse(line));
    for (const frame of frames) {
      if (frame.frame === "welcome") this.enter();
      else if (frame.frame === "closing") this.wait = frame.after_ms;
    }
    this.owner.heard(frames);
  }

  /** @param {number} code */
  lost(code) {
    this.drop();
    if (code >= STAY_AWAY && code < 5000) {
      this.change("stopped", code);
      return;
    }
    this.change("lost", code);
    // Full jitter: after a restart of the server nobody comes at the same moment as everybody.
    const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.attempt);
    this.attempt = Math.min(this.attempt + 1, 16);
    this.timer = setTimeout(() => this.connect(), this.wait + Math.random() * longest);
    this.wait = 0;
  }

  /** The line is back, or the page is looked at again: no more waiting. */
  hurry() {
    if (this.state === "stopped") return;
    if (!this.socket) this.connect();
    else this.listen();
  }

  listen() {
    if (this.socket && Date.now() - this.heardAt > SILENCE) {
      this.change("lost", 1006);
      this.connect();
    }
  }

  /** The page is put away; the browser may bring it back as it was. */
  pause() {
    clearTimeout(this.timer);
    this.drop();
    this.change("lost", 1000);
  }

  /** The page is being left for good. */
  stop() {
    this.pause();
    this.state = "stopped";
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {State} state @param {number} code */
  change(state, code) {
    this.state = state;
    this.owner.changed(state, code);
  }
}
