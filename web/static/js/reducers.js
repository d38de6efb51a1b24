// How each event changes the part of its stream: the same rules as `apply` in rooms/ and moderation/,
// and a test feeds both the same evenings. Fields that stand at their default are left out on the wire.

/** @typedef {{seq: number, now: number}} Stamp */
/** @typedef {(part: any, event: any, stamp: Stamp) => void} Reducer */

/** Reasons kept with an alert, the newest (rooms/safety.py). */
const MOST_REASONS = 12;

/** @param {number[]} list @param {number} member */
function without(list, member) {
  const at = list.indexOf(member);
  if (at >= 0) list.splice(at, 1);
}

/** @param {Record<string, any>} people @param {(member: number, one: any) => boolean} stays */
function kept(people, stays) {
  return Object.fromEntries(Object.entries(people).filter(([m, one]) => stays(Number(m), one)));
}

/** @type {Record<string, Reducer>} */
const room = {
  Arrived(room, { member, pseudonym, role }, { now }) {
    room.people[member] = { pseudonym, role, here: true, since: now };
  },
  Renamed(room, { member, pseudonym }) {
    room.people[member].pseudonym = pseudonym;
  },
  Left(room, { member }) {
    delete room.people[member];
    without(room.hands, member);
    if (room.floor === member) room.floor = null;
  },
  PersonLost(room, { member }, { now }) {
    Object.assign(room.people[member], { here: false, since: now });
  },
  PersonReturned(room, { member }, { now }) {
    Object.assign(room.people[member], { here: true, since: now });
  },
  PresenceReset(room, { here }, { now }) {
    for (const [member, person] of Object.entries(room.people)) {
      const is = here.includes(Number(member));
      if (person.here !== is) Object.assign(person, { here: is, since: now });
    }
  },
  MeetingOpened(room, { number, mode, topic = "" }, { now }) {
    const meeting = { number, opened_at: now };
    Object.assign(room, { meeting, meetings_held: number, mode, topic, quiet: false });
    Object.assign(room, { hold: "none", hold_since: now });
  },
  MeetingClosed(room) {
    const people = kept(room.people, (_, person) => person.here && person.role !== "member");
    Object.assign(room, { meeting: null, topic: "", mode: "closed", hold: "none", floor: null });
    Object.assign(room, { hands: [], messages: {}, people, quiet: false });
  },
  TopicSet(room, { topic = "" }) {
    room.topic = topic;
  },
  GroundRulesChanged(room, { version, lines }) {
    room.rules = { version, lines };
  },
  HoldPlaced(room, { hold }, { now }) {
    Object.assign(room, { hold, hold_since: now });
  },
  HoldLifted(room) {
    room.hold = "none";
  },
  QuietStarted(room) {
    Object.assign(room, { mode: "closed", floor: null, quiet: true });
  },
  ModeSet(room, { mode }) {
    Object.assign(room, { mode, quiet: false });
    if (mode === "closed" || mode === "open") room.floor = null;
  },
  Said(room, { member }, { seq }) {
    room.messages[seq] = { author: member, fate: "said" };
  },
  Withheld(room, { member, fate }, { seq }) {
    room.messages[seq] = { author: member, fate };
  },
  Retracted(room, { message }) {
    room.messages[message].fate = "retracted";
  },
  MessageHidden(room, { message }) {
    room.messages[message].fate = "hidden";
  },
  HandRaised(room, { member }) {
    room.hands.push(member);
  },
  HandLowered(room, { member }) {
    without(room.hands, member);
  },
  FloorGiven(room, { member }, { now }) {
    Object.assign(room, { floor: member, floor_since: now });
    without(room.hands, member);
  },
  FloorFreed(room, { member, again = false }) {
    room.floor = null;
    if (again) room.hands.unshift(member);
  },
};

/** @param {number[]} list @param {number} member @param {boolean} chosen */
function noted(list, member, chosen) {
  if (!chosen) without(list, member);
  else if (!list.includes(member)) list.push(member);
}

/** @type {Record<string, Reducer>} */
const staff = {
  MemberNoted(staff, { member, first_meeting = false, listening = false }) {
    noted(staff.first_meeting, member, first_meeting);
    noted(staff.listening, member, listening);
  },
  ListsCleared(staff, { keep_muted = [] }) {
    const muted = kept(staff.muted, (member) => keep_muted.includes(member));
    Object.assign(staff, { muted, removed: {}, first_meeting: [], listening: [], reports: {} });
  },
  MemberMuted(staff, { member, until, reason }) {
    staff.muted[member] = { until, reason };
  },
  MemberUnmuted(staff, { member }) {
    delete staff.muted[member];
  },
  MuteEnded(staff, { member }) {
    delete staff.muted[member];
  },
  MemberRemoved(staff, { member, reason }) {
    staff.removed[member] = reason;
  },
  MemberReadmitted(staff, { member }) {
    delete staff.removed[member];
  },
  OnCallCame(staff, { member, pseudonym, role }, { now }) {
    staff.on_call[member] = { pseudonym, role, here: true, since: now };
  },
  OnCallSeen(staff, { member, here }, { now }) {
    Object.assign(staff.on_call[member], { here, since: now });
  },
  OnCallLeft(staff, { member }) {
    delete staff.on_call[member];
  },
  AlertRaised(staff, event, { now }) {
    const { member, pseudonym, level, category = null, subject = null, because = [], stage = 0 } = event;
    const { shown = false, asked = false, country = "" } = event;
    const alert = staff.alerts[member] ??= {
      level, category, subject, pseudonym, since: now, reasons: [], country: "", shown: false,
      put_away: false, asked: false, stage, widened: now, owner: 0, acted: 0, helped: false,
      nudged: 0, offered: 0, summary: "",
    };
    if (level > alert.level) Object.assign(alert, { level, category, subject });
    if (stage > alert.stage) Object.assign(alert, { stage, widened: now });
    Object.assign(alert, { pseudonym, put_away: false, country: country || alert.country });
    alert.shown ||= shown;
    alert.asked ||= asked;
    const fresh = because.map((/** @type {any} */ reason) => ({ reason, at: now, message: 0 }));
    alert.reasons = [...alert.reasons, ...fresh].slice(-MOST_REASONS);
  },
  AlertWordsSaid(staff, { member, message }) {
    const { reasons } = staff.alerts[member];
    for (const reason of reasons) if (reason.at === reasons.at(-1).at) reason.message = message;
  },
  AlertAnswered(staff, { member }) {
    staff.alerts[member].put_away = true;
  },
  AlertCountry(staff, { member, country }) {
    staff.alerts[member].country = country;
  },
  AlertClaimed(staff, { member, owner }, { now }) {
    Object.assign(staff.alerts[member], { owner, acted: now, helped: false, offered: 0 });
  },
  AlertOffered(staff, { member, to, summary = "" }, { now }) {
    Object.assign(staff.alerts[member], { offered: to, summary, acted: now, helped: true });
  },
  AlertTended(staff, { member }, { now }) {
    Object.assign(staff.alerts[member], { acted: now, helped: true });
  },
  AlertLevelChanged(staff, { member, level }) {
    staff.alerts[member].level = level;
  },
  AlertWidened(staff, { member, stage }, { now }) {
    const alert = staff.alerts[member];
    Object.assign(alert, { stage: Math.max(alert.stage, stage), widened: now });
  },
  AlertNudged(staff, { member }, { now }) {
    staff.alerts[member].nudged = now;
  },
  AlertReopened(staff, { member, stage }, { now }) {
    const open = { owner: 0, offered: 0, helped: false, since: now, stage, widened: now };
    Object.assign(staff.alerts[member], open);
  },
  AlertClosed(staff, { member }) {
    delete staff.alerts[member];
  },
  AlertLeftToDesk(staff, { member }) {
    delete staff.alerts[member];
  },
  WordAsked(staff, { member }, { now }) {
    staff.asked[member] = now;
    if (member in staff.alerts) staff.alerts[member].asked = true;
  },
  WordNoLongerAsked(staff, { member }) {
    delete staff.asked[member];
  },
  ThreadNoted(staff, { member, staff: end }) {
    delete staff.asked[member];
    staff.threads.push({ member, staff: end });
  },
  ThreadGone(staff, { member, staff: end }) {
    const stays = (/** @type {any} */ t) => t.member !== member || t.staff !== end;
    staff.threads = staff.threads.filter(stays);
  },
  ReportMade(staff, { case: number, about, pseudonym, why, text = "", message = 0 }, { now }) {
    staff.reports[number] = { about, pseudonym, why, text, at: now, message };
  },
  ReportClosed(staff, { case: number }) {
    delete staff.reports[number];
  },
};

/** @type {Record<string, Reducer>} */
const mine = {
  Welcomed(mine, { rules_accepted = 0, first_meeting = false, listening = false }) {
    mine.rules_accepted = Math.max(mine.rules_accepted, rules_accepted);
    Object.assign(mine, { first_meeting, listening, left: false });
  },
  GroundRulesAccepted(mine, { version }) {
    mine.rules_accepted = version;
  },
  ListeningChosen(mine, { listening }) {
    mine.listening = listening;
  },
  MeetingEndedForYou(mine, { in_care = false }) {
    const ended = { listening: false, first_meeting: false, removed: null, left: false };
    Object.assign(mine, ended, { receipts: {} });
    if (!in_care) Object.assign(mine, { card: null, country: "" });
  },
  YouLeft(mine) {
    mine.left = true;
  },
  YouWereMuted(mine, { until, reason }) {
    mine.muted = { until, reason };
  },
  YouWereUnmuted(mine) {
    mine.muted = null;
  },
  YourMuteEnded(mine) {
    mine.muted = null;
  },
  YouWereRemovedBecause(mine, { reason }) {
    mine.removed = reason;
  },
  YouWereReadmitted(mine) {
    mine.removed = null;
  },
  CardOffered(mine, { level, category = null, subject = null, person = false }, { now }) {
    mine.card = { level, category, subject, at: now, person, put_away: false };
  },
  CardPutAway(mine) {
    if (mine.card) mine.card.put_away = true;
  },
  CountryChosen(mine, { country }) {
    mine.country = country;
  },
  YouAsked(mine) {
    mine.asked = true;
  },
  YouStoppedAsking(mine) {
    mine.asked = false;
  },
  ThreadOpened(mine, { other, pseudonym, aside }, { seq, now }) {
    mine.asked = false;
    mine.threads[other] = { pseudonym, aside, opened_at: now, since: seq };
  },
  ThreadEnded(mine, { other }) {
    delete mine.threads[other];
  },
  ConcernReceived(mine, { case: number }) {
    mine.receipts[number] = "worry";
  },
  ReportReceived(mine, { case: number }) {
    mine.receipts[number] = "";
  },
  ReportAnswered(mine, { case: number, outcome }) {
    mine.receipts[number] = outcome;
  },
};

/** Every event that changes a part, by the kind of its stream. @type {Record<string, Record<string, Reducer>>} */
const REDUCERS = { room, staff, private: mine };

/**
 * Change one part by one event. An event of a newer server that this page does not know changes
 * nothing here; its number still counts.
 * @param {string} stream @param {any} part @param {any} event @param {Stamp} stamp
 */
export function apply(stream, part, event, stamp) {
  REDUCERS[stream.split(":")[0]]?.[event.type]?.(part, event, stamp);
}
