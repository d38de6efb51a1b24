// What the state of the room means for one person now, in signs such as "dock:turn". Everything the
// page can say is in its markup already; the signs decide what of it is shown. The same rule writes
// the page on the server (web/live_scene.py), and a test holds the two together.

import { careSigns } from "./care.js";

/** @typedef {{signs: Set<string>, names: Record<string, string>, call: number | null, moment: string}} Scene */

const SENDS = ["turn", "respond", "open", "hold"];
const KEEPS = ["waiting", "closed", "calm", "frozen", "muted", "rules"];

/** @param {{room: any, mine: any, staff: any, me: number}} state @param {number} now @returns {Scene} */
export function scene({ room, mine, staff, me }, now) {
  const leads = staff !== null;
  const queue = room.hands.indexOf(me);
  const call = leads ? callable() : null;
  const holder = Object.values(room.people).find((p) => p.role === "facilitator" && p.here);
  const moment = dock();
  const signs = new Set([
    `role:${leads ? "facilitator" : "member"}`,
    `meeting:${room.meeting ? "open" : "none"}`,
    `mode:${room.mode}`,
    `hold:${room.hold}`,
    `floor:${room.floor === null ? "none" : room.floor === me ? "me" : "other"}`,
    `dock:${moment}`,
    `box:${SENDS.includes(moment) ? "send" : KEEPS.includes(moment) ? "keep" : "none"}`,
    `who:${who()}`,
    `queue:${!room.hands.length ? "none" : queue < 0 ? "others" : queue ? "after" : "next"}`,
    `hand:${hand()}`,
    `topic:${room.topic ? "some" : "none"}`,
    ...careSigns({ room, mine, staff, me }),
  ]);
  if (leads) signs.add(`act:${act()}`);
  const names = {
    me: name(me),
    floor: name(room.floor),
    first: name(room.hands[0]),
    after: name(room.hands[queue - 1]),
    call: name(call),
    holder: holder?.pseudonym ?? "",
    topic: room.topic,
  };
  return { signs, names, call, moment };

  function dock() {
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

  function who() {
    if (!room.meeting) return "none";
    if (room.hold !== "none") return room.hold;
    if (room.floor !== null) return room.floor === me ? "me" : "other";
    if (room.mode === "turns") return "free";
    return holder ? "held" : "unheld";
  }

  function hand() {
    if (queue >= 0) return "up";
    const may = room.meeting && !leads && room.mode !== "open" && room.floor !== me;
    return may && !mine.listening && mine.removed === null ? "down" : "none";
  }

  /** The facilitator's most likely next act. */
  function act() {
    if (!room.meeting) return "open";
    if (room.hold !== "none") return "resume";
    if (room.floor === me) return "done";
    if (room.mode === "closed") return "turns";
    return call !== null && room.mode !== "open" ? "call" : "none";
  }

  /** The hand that is called next: somebody who is here and can speak. @returns {number | null} */
  function callable() {
    return room.hands.find((/** @type {number} */ m) => room.people[m]?.here && m !== room.floor
      && !(staff.muted[m]?.until > now) && !staff.listening.includes(m)
      && !(m in staff.removed)) ?? null;
  }

  /** @param {number | null | undefined} member */
  function name(member) {
    return room.people[member ?? ""]?.pseudonym ?? "";
  }
}
