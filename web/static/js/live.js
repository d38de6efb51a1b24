// The live room: joins what the page knows, what it hears and what it shows.

import { Status } from "./announcer.js";
import { receipts, threads } from "./care.js";
import { Card } from "./card.js";
import { commandOf } from "./commands.js";
import { Connection } from "./connection.js";
import { Dock } from "./dock.js";
import { armTabs, drawFacilitator } from "./facilitator.js";
import { armKeyboard } from "./keyboard.js";
import { t } from "./language.js";
import { all, around, one, show, sync, tell, write } from "./markup.js";
import { Messages } from "./messages.js";
import { Outbox } from "./outbox.js";
import { people, seats } from "./rows.js";
import { scene } from "./scene.js";
import { Sheets } from "./sheets.js";
import { Store } from "./store.js";
import { Threads } from "./threads.js";

class Room {
  constructor() {
    this.seat = JSON.parse(one("#seat").textContent);
    this.store = new Store();
    this.connection = new Connection({
      enter: () => this.enter(),
      heard: (frames) => this.heard(frames),
      changed: (state, code) => this.connected(state, code),
    });
    this.outbox = new Outbox((frame) => this.level && this.connection.send(frame), this.seat.room, () => this.draw());
    this.status = new Status();
    this.messages = new Messages();
    this.dock = new Dock(() => this.draw());
    this.sheets = new Sheets(this.store);
    this.card = new Card();
    this.threads = new Threads(this.store);
    /** Whether everything up to now was heard; before, nothing is drawn and nothing goes out. */
    this.level = false;
    /** Whether that was so once. Until then forms are sent as forms; from then on never, because a
     * page that goes takes along what is on its way. */
    this.ready = false;
    /** Whether a fresh snapshot has come, and the words that belong to it not yet. */
    this.reading = false;
    /** Seconds the server's clock is ahead of this one. */
    this.ahead = 0;
    this.who = "";
  }

  start() {
    for (const time of all("time[data-at]")) tell(time);
    document.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("click", (event) => this.click(event));
    addEventListener("candlelight:leave", () => this.vanish());
    if (this.seat.as !== "member") armTabs();
    armKeyboard();
    this.messages.rove();
    this.connection.start();
  }

  enter() {
    this.level = false;
    const { room, as } = this.seat;
    return { frame: "enter", room, as, ...this.store.heard };
  }

  /** @param {any[]} frames */
  heard(frames) {
    for (const frame of frames) {
      if (frame.now) this.ahead = frame.now - Date.now() / 1000;
      if (frame.frame === "snapshot") this.snapshot(frame);
      else if (frame.frame === "happened") this.happened(frame);
      else if (frame.frame === "heartbeat") this.beat(frame);
      else if (frame.frame === "done") this.outbox.done(frame);
      else if (frame.frame === "refused") this.refused(frame);
      else if (frame.frame === "alarm") this.alarm(frame);
    }
    this.draw();
    if (this.level) this.messages.away = false;
  }

  /** @param {any} frame */
  snapshot(frame) {
    this.reading = true;
    this.store.snapshot(frame);
    if (this.store.mine.left) this.over();
  }

  /** @param {any} frame */
  happened(frame) {
    const heard = this.store.happened(frame);
    const { type, to, reason } = frame.event;
    if (heard === "gap") this.again();
    if (heard !== "applied") return;
    // Whatever has a reason and is told to one person alone is a note on their page.
    if (to && reason) this.status.say(t("There is a note for you, which only you can see."), true);
    if (type === "YouWereRemovedBecause") this.removed();
    else if (type === "YouWereReadmitted") this.again();
    else if (type === "YouLeft") this.over();
    else if (type === "MeetingClosed" && this.seat.as === "member") this.over();
    else if (type === "CardOffered" && frame.event.level) this.status.say(t("A private note for you is below your message."), true);
    else if (type === "PrivatelySaid" && !frame.event.mine) this.status.say(t("A private word has come."), true);
    else if (type === "AlertRaised" && (frame.event.level ?? 0) > 1) this.alert(frame.event);
    else if (type === "NeededElsewhere") this.alert(frame.event);
  }

  /** An alert is spoken at once where it is an emergency, in its turn otherwise; a concern is silent.
   * @param {any} event */
  alert({ type, level, pseudonym = "" }) {
    const line = type === "NeededElsewhere"
      ? t("An alert of level {level} waits in another room of yours.", { level })
      : t("Alert of level {level}: {name}", { level, name: pseudonym });
    this.status.say(line, level === 3);
    if (type === "NeededElsewhere") this.cry(line);
  }

  /** Danger that could not be stored yet: it lives on this page alone until it is. @param {any} frame */
  alarm({ pseudonym, level, says }) {
    const name = pseudonym || t("Somebody");
    const line = t("{name}, level {level}: {says}. This could not be stored yet. Look after them now.", { name, level, says: says.join(", ") });
    this.cry(line);
  }

  /** @param {string} line */
  cry(line) {
    const place = one("#alarm");
    if (!place) return;
    place.textContent = line;
    place.hidden = false;
    place.closest("section").hidden = false;
  }

  /** Something is missing, or the streams of this person changed: ask where we are. */
  again() {
    if (this.level) this.connection.enter();
  }

  /** @param {any} frame */
  beat(frame) {
    if (this.store.behind(frame)) {
      if (frame.epoch !== this.store.epoch) this.store.epoch = null;
      this.again();
    } else if (!this.level) {
      this.level = this.ready = true;
      this.reading = false;
      this.connection.settled();
      this.outbox.flush();
    }
  }

  /** @param {any} frame */
  refused(frame) {
    if (frame.help && !this.store.mine.card) {
      // It could not be stored; that it was heard is shown all the same.
      this.store.mine.card = { level: frame.help, category: null, subject: null, person: false, put_away: false };
    }
    if (frame.re !== null) this.outbox.refused(frame);
    else if (frame.code === "malformed") this.dock.refuse(frame.text);
  }

  /** @param {import("./connection.js").State} state @param {number} code */
  connected(state, code) {
    if (state === "lost") {
      this.level = false;
      if (this.reading) this.store.epoch = null;
      this.messages.returned();
    }
    // Left quickly on another page of this browser: this page is not to be seen either.
    if (state === "stopped" && code === 4505) location.replace("/");
    this.dock.connection(state, code);
  }

  /** Nothing of the room stays on the page of somebody who was asked to leave. */
  removed() {
    this.sheets.close();
    this.outbox.clear();
    this.messages.clear();
    this.dock.box.value = "";
  }

  /** Words live in this page's memory alone, and a page that is left is gone. */
  get holdsWords() {
    return this.dock.draft || this.threads.draft || this.outbox.words.length > 0;
  }

  /** Whether somebody looks after this person here, or is asked to: that goes on without a meeting. */
  get inCare() {
    const { threads: open, asked, card } = this.store.mine;
    return asked || Object.keys(open).length > 0 || Boolean(card?.level && !card.put_away);
  }

  /** The meeting is over, or this person left it on another page. Whoever still has words here, or is
   * written with in private, stays until they go on by themselves. */
  over() {
    if (!this.holdsWords && !this.inCare) location.replace(`/rooms/${this.seat.room}/after`);
  }

  vanish() {
    this.connection.stop();
    this.removed();
    this.store.forget();
  }

  draw() {
    if (this.ready && !this.reading) this.messages.still(() => this.redraw());
  }

  redraw() {
    const { store, outbox } = this;
    const focused = document.activeElement;
    outbox.settle((number) => !number || Boolean(store.message(number)) || number <= (store.entries[0]?.number ?? 0));
    const now = scene(store, Date.now() / 1000 + this.ahead);
    const { pinned } = this.messages;
    if (this.dock.draft && now.signs.has("dock:over")) now.signs.add("kept");
    show(document, now.signs);
    this.fill(now.names);
    sync(one('[data-list="seats"]'), seats(store));
    if (store.staff) {
      drawFacilitator(store, now);
    } else {
      sync(one('[data-list="people"]'), people(store, "person-row"));
      sync(one('[data-list="receipts"]'), receipts(store));
    }
    const begun = this.threads.draw(threads(store));
    this.card.draw(store, now.signs);
    this.dock.draw(now, store);
    this.messages.draw(store, outbox, this.dock.lost);
    const noted = this.card.isNew(store);
    if (pinned && begun && !store.staff) this.messages.beginAt(begun);
    else if (pinned && noted && !this.threads.isOpen) this.messages.beginAt(this.card.note);
    if (focused && focused !== document.body && !focused.checkVisibility()) this.dock.takeFocus(focused);
    this.speak(now);
  }

  /** Names, reasons and ground rules, wherever the page's sentences have a place for them. @param {Record<string, string>} names */
  fill(names) {
    const { mine, room: { rules } } = this.store;
    /** @type {Record<string, string>} */
    const words = { ...names, removed: mine.removed, muted: mine.muted?.reason };
    for (const place of all("[data-name]")) write(place, words[place.dataset.name] ?? "");
    for (const list of all("[data-rules]")) {
      if (list.dataset.rules === String(rules.version)) continue;
      list.dataset.rules = rules.version;
      list.replaceChildren(...rules.lines.map((/** @type {string} */ line) =>
        Object.assign(document.createElement("li"), { dir: "auto", textContent: line })));
    }
  }

  /** Who has the floor is spoken once when it changes; one's own turn at once. @param {import("./scene.js").Scene} now */
  speak({ signs }) {
    const who = all("#who > :not([hidden])")[0]?.textContent ?? "";
    if (who === this.who) return;
    one(".now").classList.toggle("now--passed", this.who !== "");
    if (this.who) this.status.say(who, signs.has("who:me"));
    this.who = who;
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    const form = around(event, "form[data-live]");
    const command = form && this.ready && commandOf(form, event.submitter);
    if (!command) return;
    event.preventDefault();
    if (command.type === "Speak") this.speaking();
    this.dock.refuse("");
    const answer = await this.outbox.ask(command, this.store.newest);
    this.answered(form, command, answer);
  }

  /** The words leave the box at once, and are on the page as what they are: on their way. */
  speaking() {
    this.dock.box.value = "";
    this.messages.caughtUp();
  }

  /** @param {HTMLFormElement} form @param {any} command @param {import("./outbox.js").Answer} answer */
  answered(form, command, { done, why }) {
    const said = command.type === "Speak";
    if (form.dataset.thread !== undefined) this.threads.answered(form, command, done, why);
    else if (form.closest("dialog")) this.sheets.answered(done, t(why));
    else if (!done && !said) this.dock.refuse(why);
    if (said) this.status.say(done ? t("Sent") : `${t("Not sent.")} ${t(why)}`, true);
    if (done && command.type === "ChangePseudonym") form.closest("details")?.removeAttribute("open");
    this.draw();
  }

  /** What the buttons of notes and of unsent words do; and Help, which opens beside words that wait. @param {MouseEvent} event */
  click(event) {
    const help = around(event, "a[href^='/help']");
    if (help) Object.assign(help, { target: this.holdsWords ? "_blank" : "_self", rel: "noopener" });
    const act = around(event, "[data-act]")?.dataset.act;
    if (!act) return;
    const { key } = around(event, "[data-key]").dataset;
    if (act === "again") {
      this.connection.hurry();
      this.outbox.again(key);
    } else if (act === "delete") {
      this.outbox.drop(key);
    } else if (act === "read") {
      this.store.putAway(key);
      this.draw();
    } else {
      this.copy(this.outbox.find({ key })?.command.text ?? "");
    }
  }

  /** Without a secure connection a browser has no clipboard for pages: the box takes the words. @param {string} words */
  async copy(words) {
    try {
      await navigator.clipboard.writeText(words);
      this.status.say(t("Copied"), true);
    } catch {
      this.dock.giveBack(words);
    }
  }
}

new Room().start();
