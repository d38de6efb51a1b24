// What a form asks for, as a command of the protocol; web/live_forms.py makes the same ones.

/** @typedef {(form: FormData) => Record<string, any>} Maker */

const text = (/** @type {FormData} */ form, /** @type {string} */ name) => String(form.get(name) ?? "");
const number = (/** @type {FormData} */ form, /** @type {string} */ name) => Number(text(form, name));

/** @param {string} type @returns {Maker} */
const plain = (type) => () => ({ type });

/** @param {string} type @returns {Maker} */
const onMember = (type) => (form) => ({ type, member: number(form, "member"), reason: text(form, "reason") });

/** @type {Record<string, Maker>} */
const MAKERS = {
  say: (form) => ({ type: "Speak", text: text(form, "text") }),
  retract: (form) => ({ type: "Retract", message: number(form, "message") }),
  "hand-up": plain("RaiseHand"),
  "hand-down": plain("LowerHand"),
  done: plain("Yield"),
  listening: (form) => ({ type: "ChooseListening", listening: text(form, "listening") === "yes" }),
  "accept-rules": (form) => ({ type: "AcceptGroundRules", version: number(form, "version") }),
  pseudonym: (form) => ({ type: "ChangePseudonym", pseudonym: text(form, "pseudonym") }),
  open: (form) => ({ type: "OpenMeeting", mode: text(form, "mode"), topic: text(form, "topic") }),
  close: plain("CloseMeeting"),
  mode: (form) => ({ type: "SetMode", mode: text(form, "mode") }),
  topic: (form) => ({ type: "SetTopic", topic: text(form, "topic") }),
  rules: (form) => ({ type: "ChangeGroundRules", lines: lines(text(form, "rules")) }),
  call: (form) => ({ type: "CallNext", ...(form.get("member") ? { member: number(form, "member") } : {}) }),
  freeze: plain("Freeze"),
  resume: plain("Resume"),
  hide: (form) => ({ type: "HideMessage", message: number(form, "message"), reason: text(form, "reason") }),
  mute: (form) => ({ ...onMember("MuteMember")(form), minutes: number(form, "minutes") }),
  unmute: onMember("UnmuteMember"),
  remove: onMember("RemoveMember"),
  readmit: onMember("ReadmitMember"),
};

/** One ground rule a line, empty lines left out. @param {string} rules */
function lines(rules) {
  return rules.split(/\r\n|\r|\n/).filter((line) => line.trim());
}

/**
 * @param {HTMLFormElement} form @param {HTMLElement | null} submitter
 * @returns {Record<string, any> | null} null for a form that is no command of the room
 */
export function commandOf(form, submitter) {
  const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
  const verb = action.split("/").at(-1) ?? "";
  return MAKERS[verb]?.(new FormData(form, submitter)) ?? null;
}
