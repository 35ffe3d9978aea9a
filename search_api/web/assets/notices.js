// What is said in the place of stories, or above them: nothing found, nothing asked, or why there is no answer.

import { el } from "./dom.js";
import { t } from "./words.js";

const OWN_WORDS = {
  "too-many-requests": "rate",
  overloaded: "busy",
  "timed-out": "busy",
  "too-many-connections": "busy",
  "index-unavailable": "unavailable",
  "no-such-article": "gone",
  offline: "offline",
};
const AGAIN_SECONDS = { offline: 15, busy: 3 };
let ticking = 0;

/** Takes away what counts down. */
export function silence() {
  clearInterval(ticking);
}

/** A title and a sentence, and what can be done about it. */
export function notice(name, ...more) {
  return el("section", { class: "notice" }, el("h2", {}, t(`${name}-title`)), el("p", {}, t(`${name}-text`)), ...more);
}

/** Why there is no answer, with a way to ask again; where the server said when, or it is worth it, by itself. */
export function problemNotice(problem, again) {
  const own = OWN_WORDS[problem.name];
  const wait = problem.retryAfter ?? AGAIN_SECONDS[own];
  return el(
    "section",
    { class: `notice problem ${own ?? "error"}`, "data-problem": problem.name },
    el("h2", {}, t(own ? `${own}-title` : "error-title")),
    explanation(problem, own),
    el(
      "p",
      { class: "again" },
      el("button", { type: "button", class: "button", click: again }, t("again")),
      wait && countdown(wait, again),
    ),
  );
}

function explanation(problem, own) {
  if (own && own !== "unavailable") return el("p", {}, t(`${own}-text`));
  return [problem.detail, problem.remedy].filter(Boolean).map((said) => el("p", { lang: "en" }, said));
}

function countdown(seconds, again) {
  let left = seconds;
  // Not a live region: a voice that counts is no help.
  const shown = el("span", { class: "countdown" }, t("again-in", { n: left }));
  silence();
  ticking = setInterval(() => {
    left -= 1;
    if (left > 0) {
      shown.textContent = t("again-in", { n: left });
      return;
    }
    silence();
    again();
  }, 1000);
  return shown;
}

/** Asks for a key. `refused`: the one that was given is not valid. */
export function keyNotice(refused, given) {
  const field = el("input", {
    id: "key",
    type: "password",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": refused ? "key-wrong" : null,
    "aria-invalid": refused ? "true" : null,
  });
  const submitted = (event) => {
    event.preventDefault();
    given(field.value.trim());
  };
  return el(
    "form",
    { class: "notice problem key", submit: submitted },
    el("h2", {}, t("key-title")),
    el("p", {}, t("key-text")),
    el("label", { for: "key" }, t("key-label")),
    el("div", { class: "row" }, field, el("button", { type: "submit", class: "primary" }, t("key-submit"))),
    refused && el("p", { id: "key-wrong", class: "wrong" }, t("key-wrong")),
  );
}

/** What to show where nothing was asked: the words that the server has put there, with numbers where it could not. */
export function startNotice(examples, info) {
  const text = [t("start-text")];
  if (info) text.push(t("start-holds", { n: info.articles }), t("start-languages", { n: info.languages }));
  return el(
    "section",
    { class: "start" },
    el("h2", {}, t("start-title")),
    el("p", {}, text.join(" ")),
    el("h3", { id: "examples" }, t("start-examples")),
    el("ul", { class: "examples", "aria-labelledby": "examples" }, examples),
  );
}
