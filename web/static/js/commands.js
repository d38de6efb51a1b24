// What a form asks for, as a command of the protocol; web/live_forms.py makes the same ones.

/** The command behind the last word of a form's address, and its fields. @type {Record<string, string[]>} */
const COMMANDS = {
  say: ["Speak", "text"],
  retract: ["Retract", "message"],
  "hand-up": ["RaiseHand"],
  "hand-down": ["LowerHand"],
  done: ["Yield"],
  listening: ["ChooseListening", "listening"],
  "accept-rules": ["AcceptGroundRules", "version"],
  pseudonym: ["ChangePseudonym", "pseudonym"],
  open: ["OpenMeeting", "mode", "topic"],
  close: ["CloseMeeting", "hand_over"],
  mode: ["SetMode", "mode"],
  topic: ["SetTopic", "topic"],
  rules: ["ChangeGroundRules", "lines"],
  call: ["CallNext", "member"],
  freeze: ["Freeze"],
  resume: ["Resume"],
  hide: ["HideMessage", "message", "reason"],
  mute: ["MuteMember", "member", "minutes", "reason"],
  unmute: ["UnmuteMember", "member", "reason"],
  remove: ["RemoveMember", "member", "reason"],
  readmit: ["ReadmitMember", "member", "reason"],
  "need-help": ["NeedHelp"],
  "card-away": ["PutCardAway"],
  country: ["ChooseCountry", "country"],
  "ask-word": ["AskForWord"],
  "stop-asking": ["StopAsking"],
  "open-thread": ["OpenThread", "member"],
  "say-privately": ["SayPrivately", "other", "text"],
  "answer-privately": ["AnswerPrivately", "other", "text"],
  "end-thread": ["EndThread", "other"],
  claim: ["ClaimAlert", "member"],
  stay: ["StayWithAlert", "member"],
  "call-now": ["CallNow", "member"],
  "hand-over": ["HandOverAlert", "member", "to", "summary"],
  "accept-alert": ["AcceptAlert", "member"],
  level: ["ChangeAlertLevel", "member", "level"],
  "close-alert": ["CloseAlert", "member", "outcome", "note", "remind"],
  report: ["ReportIt", "why", "member", "message", "text"],
  worry: ["RaiseConcern", "member", "message"],
  "close-report": ["CloseReport", "case", "outcome"],
  quiet: ["ReadQuietly"],
};

/** Fields that are no texts. A call without a person is for whoever is next. @type {Record<string, (text: string) => any>} */
const READ = {
  member: (text) => (text ? Number(text) : undefined),
  message: Number,
  minutes: Number,
  version: Number,
  other: Number,
  to: Number,
  level: Number,
  case: Number,
  hand_over: (text) => text === "yes",
  remind: (text) => text === "yes",
  listening: (text) => text === "yes",
  // One ground rule a line, empty lines left out.
  lines: (text) => text.split(/\r\n|\r|\n/).filter((line) => line.trim()),
};

/**
 * @param {HTMLFormElement} form @param {HTMLElement | null} submitter
 * @returns {Record<string, any> | null} null for a form that is no command of the room
 */
export function commandOf(form, submitter) {
  const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
  const [type, ...fields] = COMMANDS[action.split("/").at(-1) ?? ""] ?? [];
  if (!type) return null;
  const data = new FormData(form, submitter);
  const given = fields.map((name) => {
    const text = String(data.get(name) ?? "");
    return [name, name in READ ? READ[name](text) : text];
  });
  return { type, ...Object.fromEntries(given) };
}
