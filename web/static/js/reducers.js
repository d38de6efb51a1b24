// How each event changes the part of its stream: the same rules as `apply` in rooms/ and moderation/,
// and a test feeds both the same evenings. Fields that stand at their default are left out on the wire.

/** @typedef {{seq: number, now: number}} Stamp */
/** @typedef {(part: any, event: any, stamp: Stamp) => void} Reducer */

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
    Object.assign(room, { meeting, meetings_held: number, mode, topic, hold: "none", hold_since: now });
  },
  MeetingClosed(room) {
    const people = kept(room.people, (_, person) => person.here && person.role !== "member");
    Object.assign(room, { meeting: null, topic: "", mode: "closed", hold: "none", floor: null });
    Object.assign(room, { hands: [], messages: {}, people });
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
  ModeSet(room, { mode }) {
    room.mode = mode;
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
    Object.assign(staff, { muted, removed: {}, first_meeting: [], listening: [] });
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
  MeetingEndedForYou(mine) {
    Object.assign(mine, { listening: false, first_meeting: false, removed: null, left: false });
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
