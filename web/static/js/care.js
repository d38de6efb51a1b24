// What the page shows of care: the card, private words, and for staff alerts and reports. The same
// signs and rows as web/live_care.py makes, and a test holds the two together.

/** @import { Item, Values } from "./markup.js" */
/** @import { Store } from "./store.js" */

const AROUND = 60;
const ELEVATED = 2;
const EMERGENCY = 3;
const ANYBODY_ON_CALL = 1;

/** The ways that reach the emergency services. */
const CALLED = new Set(["emergency", "ambulance", "police"]);

/** The names of what holds. @param {Record<string, unknown>} facts */
const holding = (facts) => Object.keys(facts).filter((name) => facts[name]);
/** @param {any} person */
const leads = (person) => person.role !== "member";

/** @param {{room: any, mine: any, staff: any, me: number}} state @returns {string[]} */
export function careSigns({ room, mine, staff, me }) {
  const reach = reachable(room, mine, me);
  const signs = [
    `card:${cardKind(mine.card)}`,
    `reach:${reach ? "yes" : "no"}`,
    `word:${wordState(mine, reach)}`,
    `ask:${staff === null ? placeOfAsking(mine, reach) : "no"}`,
    `quiet:${room.quiet ? "on" : "off"}`,
  ];
  if (staff === null) return signs;
  return [...signs, `beside:${me in staff.on_call ? "yes" : "no"}`,
    `alerts:${Object.keys(staff.alerts).length ? "some" : "none"}`,
    `both:${tooMuch(room, staff, me) ? "yes" : "no"}`];
}

/** How far somebody is from a person. @param {any} mine @param {boolean} reach */
function wordState({ threads, asked, card }, reach) {
  if (Object.keys(threads).length) return "open";
  if (asked) return "asked";
  return reach && card && !card.put_away && card.level >= ELEVATED ? "called" : "none";
}

/** Where the card offers a private word. @param {any} mine @param {boolean} reach */
function placeOfAsking({ threads, asked, card }, reach) {
  if (Object.keys(threads).length || asked || !reach) return "no";
  return card && !card.put_away && card.level === EMERGENCY ? "last" : "first";
}

/** Which card somebody has open. @param {any} card @returns {string} */
export function cardKind(card) {
  if (!card || card.put_away) return "none";
  if (!card.level) return "craving";
  const { category, subject } = card;
  const now = card.level === EMERGENCY;
  if (category === "overdose" && now) return "overdose";
  if (category === "overdose" && subject === "self") return "alone";
  if (category === "withdrawal_medical") return now ? "withdrawal-now" : "withdrawal";
  if (category === "violence_abuse" && subject === "other" && now) return "threat";
  if (subject === "other") return now ? "worried-now" : "worried";
  if (category === "violence_abuse" && card.level >= ELEVATED) return now ? "hurt-now" : "hurt";
  if (card.level < ELEVATED) return "carry";
  return now ? "urgent" : "talk";
}

/** Whether somebody of this place can come. @param {any} room @param {any} mine @param {number} me */
export function reachable(room, mine, me) {
  const here = Object.entries(room.people).some(([m, p]) => p.here && leads(p) && Number(m) !== me);
  return here || Boolean(mine.card?.person);
}

/** Two alerts at once, and nobody else here. @param {any} room @param {any} staff @param {number} me */
function tooMuch(room, staff, me) {
  const waiting = Object.values(staff.alerts).filter((a) => a.level >= ELEVATED && [0, me].includes(a.owner));
  return !onDuty({ room, staff, me }).length && waiting.length > 1;
}

/** Staff who are connected now, besides me. @param {{room: any, staff: any, me: number}} state @returns {[string, any][]} */
export function onDuty({ room, staff, me }) {
  return [...Object.entries(room.people), ...Object.entries(staff.on_call)]
    .filter(([member, person]) => person.here && leads(person) && Number(member) !== me);
}

/** The open alerts, the gravest first, then the oldest. @param {Store} store @returns {Item[]} */
export function alerts(store) {
  const entries = Object.entries(store.staff.alerts);
  entries.sort(([, a], [, b]) => b.level - a.level || a.since - b.since);
  return entries.map(([member, alert]) => alertRow(store, member, alert));
}

/** @param {Store} store @param {string} member @param {any} alert @returns {Item} */
function alertRow(store, member, alert) {
  const { me, staff } = store;
  const owner = !alert.owner ? "none" : alert.owner === me ? "me" : "other";
  const offered = alert.offered === me || (alert.offered === ANYBODY_ON_CALL && owner !== "me");
  const aboutMe = Number(member) === me;
  const readable = alert.reasons.filter((/** @type {any} */ r) => r.reason.end && store.message(r.message || -1)?.text);
  const shown = readable.find((/** @type {any} */ r) => r.message === readable.at(-1).message);
  const [before, words, after] = excerpt(store.message(shown?.message ?? -1)?.text ?? "", shown?.reason);
  const signs = new Set([
    `level:${alert.level}`, `own:${owner}`, `cat:${alert.category ?? "none"}`,
    `stage:${alert.stage}`, `subject:${alert.subject ?? "self"}`,
    ...holding({
      nudged: owner === "me" && alert.nudged > alert.acted,
      offered: alert.offered && offered && !aboutMe,
      offering: alert.offered && owner === "me",
      shown: alert.shown,
      away: alert.put_away,
      asked: alert.asked,
      country: alert.country,
      words,
      unsaid: !words && alert.reasons.some((/** @type {any} */ r) => r.reason.end && !r.message),
      summary: alert.summary,
      "may:claim": owner === "none" && !aboutMe,
      "may:thread": owner === "me" && !staff.threads.some((/** @type {any} */ b) => b.member === Number(member)),
      "may:tend": owner === "me",
      emergency: alert.level === EMERGENCY,
    }),
  ]);
  const says = [...new Set(alert.reasons.map((/** @type {any} */ r) => r.reason.says).reverse())].join("; ");
  return {
    key: member,
    template: "alert-row",
    classes: `alert alert--${alert.level}`,
    signs,
    fill: {
      name: alert.pseudonym, member, owner: nameOf(store, alert.owner), says, country: alert.country,
      summary: alert.summary, before, words, after, at: alert.since,
    },
  };
}

/** @param {string} text @param {any} reason @returns {[string, string, string]} */
function excerpt(text, reason) {
  if (!reason?.end) return ["", "", ""];
  // The server counts characters, a script counts halves of some of them.
  const letters = [...text];
  const { start = 0, end } = reason;
  const part = (/** @type {number} */ from, /** @type {number} */ to) => letters.slice(from, to).join("");
  return [(start > AROUND ? "…" : "") + part(Math.max(0, start - AROUND), start), part(start, end), part(end, end + AROUND)];
}

/** @param {Store} store @param {number} member */
function nameOf({ staff, names, room }, member) {
  return room.people[member]?.pseudonym ?? staff.on_call[member]?.pseudonym
    ?? staff.alerts[member]?.pseudonym ?? names[member] ?? "";
}

/** @param {Store} store @returns {Item[]} */
export function asked(store) {
  return Object.entries(store.staff.asked)
    .filter(([member]) => !(member in store.staff.alerts))
    .sort(([, a], [, b]) => Number(a) - Number(b))
    .map(([member]) => ({
      key: member, template: "asked-row", classes: "person", signs: new Set(["waiting"]),
      fill: { name: nameOf(store, Number(member)), member },
    }));
}

/** @param {Store} store @returns {Item[]} */
export function between(store) {
  const others = store.staff.threads.filter((/** @type {any} */ b) => b.staff !== store.me);
  return others.map((/** @type {any} */ { member, staff }) => ({
    key: `${member}-${staff}`, template: "between-row", signs: new Set(),
    fill: { name: nameOf(store, member), staff: nameOf(store, staff) },
  }));
}

/** @param {Store} store @returns {Item[]} */
export function reports(store) {
  return Object.entries(store.staff.reports).map(([number, report]) => {
    const message = store.message(report.message || -1)?.text ?? "";
    const signs = new Set([`why:${report.why}`, ...holding({ text: report.text, message })]);
    const fill = { name: nameOf(store, report.about) || report.pseudonym, text: report.text, message, case: number, at: report.at };
    return { key: number, template: "report-row", classes: "person", signs, fill };
  });
}

/** @param {Store} store @returns {Item[]} */
export function receipts({ mine }) {
  return Object.entries(mine.receipts).map(([number, outcome]) => ({
    key: number, template: "receipt-row", classes: "mine mine--note",
    signs: new Set([`receipt:${outcome || "waiting"}`]), fill: {},
  }));
}

/** The private threads that are open. @param {Store} store @returns {Item[]} */
export function threads({ mine }) {
  return Object.entries(mine.threads).map(([other, { pseudonym, aside }]) => ({
    key: other, template: "thread-row", classes: "mine thread",
    signs: new Set([aside ? "aside" : "word"]), fill: { name: pseudonym, other },
  }));
}

/** What was said in one of them. @param {Store} store @param {number} other @returns {Item[]} */
export function words({ mine, words: said }, other) {
  const name = mine.threads[other]?.pseudonym ?? "";
  return said.filter((word) => word.other === other).map(({ number, mine: own, text, at }) => ({
    key: `w${number}`, template: "word-row", classes: "word",
    signs: new Set([own ? "by:me" : "by:other"]), fill: { name, text, at },
  }));
}

/** One way to reach somebody; web/safety_card.py makes the same row. @param {any} option @returns {Item} */
export function optionRow(option) {
  const { way, number, link, name = "", keyword = "", always, open_now: open, free, dispatch = "unknown", doubtful } = option;
  const signs = new Set([`way:${way}`, `police:${dispatch}`, ...holding({
    named: name, keyword, always, closed: open === false, free, paid: free === false, doubtful,
  })]);
  return { key: `${way}-${number}`, template: "option-row", classes: CALLED.has(way) ? "offer offer--first" : "offer", signs, fill: { number, link, name, keyword } };
}
