// The keyboard: what the keys do, and a switch for those whom single keys get in the way (WCAG 2.1.4).

import { isOpen, opened } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { t } from "./words.js";

const OFF = "veille-keys-off";
const SHORTCUTS = [
  ["/", "search"],
  ["j", "next"],
  ["k", "previous"],
  ["Enter", "open"],
  ["r", "read"],
  ["s", "similar"],
  ["c", "cite"],
  ["?", "help"],
  ["Esc", "close"],
];

/** Makes single keys work. */
export function listen() {
  const button = byId("help-open");
  button.hidden = false;
  button.addEventListener("click", help);
  document.addEventListener("keydown", pressed);
}

function help() {
  const content = opened("help", t("shortcuts"));
  const rows = SHORTCUTS.map(([key, name]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, t(`shortcut-${name}`))]);
  const flag = el("input", {
    type: "checkbox",
    checked: !localStorage.getItem(OFF),
    change: () => (flag.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")),
  });
  content.append(el("dl", { class: "keys" }, rows.flat()), el("label", { class: "choice" }, flag, el("span", {}, t("shortcuts-on"))));
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isOpen() || localStorage.getItem(OFF)) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const act = { "/": toBox, j: () => move(1), k: () => move(-1), "?": help, r: () => press("read"), s: () => press("similar"), c: () => press("cite") }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function toBox() {
  byId("q").focus();
  byId("q").select();
}

/** The focus goes from title to title, so that Enter opens as it opens any link. */
function move(by) {
  const titles = [...document.querySelectorAll("#hits .title")];
  const at = titles.findIndex((title) => title.closest(".hit") === document.activeElement?.closest(".hit"));
  const to = at < 0 ? 0 : Math.min(Math.max(at + by, 0), titles.length - 1);
  titles[to]?.focus({ preventScroll: true });
  titles[to]?.closest(".hit").scrollIntoView({ block: "nearest" });
}

function press(name) {
  document.activeElement?.closest(".hit")?.querySelector(`.${name}`)?.click();
}
