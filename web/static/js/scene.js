// What the state of the room means for one person now, in signs such as "dock:turn". Everything the
// page can say is in its markup already; the signs decide what of it is shown. The same rule writes
// the page on the server (web/live_scene.py), and a test holds the two together.

/** @typedef {{signs: Set<string>, names: Record<string, string>, call: number | null}} Scene */

/** @param {{room: any, mine: any, staff: any, me: number}} state @param {number} now @returns {Scene} */
export function scene({ room, mine, staff, me }, now) {
  const person = room.people[me];
  const leads = staff !== null;
  const queue = room.hands.indexOf(me);
  const call = leads ? callable(room, staff, now) : null;
  const signs = new Set([
    `role:${leads ? "facilitator" : "member"}`,
    `meeting:${room.meeting ? "open" : "none"}`,
    `mode:${room.mode}`,
    `hold:${room.hold}`,
    `floor:${room.floor === null ? "none" : room.floor === me ? "me" : "other"}`,
    `dock:${dock(room, mine, me, leads, now)}`,
    `who:${who(room, me)}`,
    `queue:${place(room, queue)}`,
    `hand:${hand(room, mine, me, leads)}`,
    `topic:${room.topic ? "some" : "none"}`,
  ]);
  signs.add(`box:${box(signs)}`);
  if (leads) signs.add(`act:${act(room, me, call)}`);
  return { signs, call, names: names(room, person, queue, call) };
}

/** @param {any} room @param {any} mine @param {number} me @param {boolean} leads @param {number} now */
function dock(room, mine, me, leads, now) {
  if (mine.removed !== null) return "removed";
  if (mine.left) return "over";
  if (!room.meeting) return leads ? "idle" : "over";
  if (mine.muted !== null && mine.muted.until > now) return "muted";
  if (mine.listening) return "listening";
  const finishing = room.floor === me && mine.rules_accepted;
  if (mine.rules_accepted < room.rules.version && !finishing) return "rules";
  if (leads) return "hold";
  if (room.hold !== "none") return room.hold;
  if (room.mode === "closed") return "closed";
  if (room.floor === me) return "turn";
  return room.mode === "turns" ? "waiting" : room.mode;
}

/** @param {Set<string>} signs */
function box(signs) {
  const has = (/** @type {string[]} */ ...moments) => moments.some((m) => signs.has(`dock:${m}`));
  if (has("turn", "respond", "open", "hold")) return "send";
  return has("waiting", "closed", "calm", "frozen", "muted", "rules") ? "keep" : "none";
}

/** @param {any} room @param {number} me */
function who(room, me) {
  if (!room.meeting) return "none";
  if (room.hold !== "none") return room.hold;
  if (room.floor !== null) return room.floor === me ? "me" : "other";
  if (room.mode === "turns") return "free";
  return holder(room) ? "held" : "unheld";
}

/** @param {any} room @param {number} queue */
function place(room, queue) {
  if (!room.hands.length) return "none";
  if (queue === 0) return "next";
  return queue > 0 ? "after" : "others";
}

/** @param {any} room @param {any} mine @param {number} me @param {boolean} leads */
function hand(room, mine, me, leads) {
  if (room.hands.includes(me)) return "up";
  const may = room.meeting && !leads && room.mode !== "open" && room.floor !== me;
  return may && !mine.listening && mine.removed === null ? "down" : "none";
}

/** The facilitator's most likely next act. @param {any} room @param {number} me @param {number | null} call */
function act(room, me, call) {
  if (!room.meeting) return "open";
  if (room.hold !== "none") return "resume";
  if (room.floor === me) return "done";
  if (room.mode === "closed") return "turns";
  return call !== null && room.mode !== "open" ? "call" : "none";
}

/** The hand that is called next: somebody who is here and can speak. @param {any} room @param {any} staff @param {number} now */
function callable(room, staff, now) {
  return room.hands.find((/** @type {number} */ m) => room.people[m]?.here && m !== room.floor
    && !(staff.muted[m]?.until > now) && !staff.listening.includes(m)
    && !(m in staff.removed)) ?? null;
}

/** @param {any} room */
function holder(room) {
  return Object.values(room.people).find((p) => p.role === "facilitator" && p.here);
}

/** @param {any} room @param {any} person @param {number} queue @param {number | null} call */
function names(room, person, queue, call) {
  const name = (/** @type {number | null} */ m) => (m === null ? "" : room.people[m]?.pseudonym ?? "");
  return {
    me: person?.pseudonym ?? "",
    floor: name(room.floor),
    first: name(room.hands[0] ?? null),
    after: queue > 0 ? name(room.hands[queue - 1]) : "",
    call: name(call),
    holder: holder(room)?.pseudonym ?? "",
    topic: room.topic,
  };
}
