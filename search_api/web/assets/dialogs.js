// One dialog at a time, on top of the page.

import { el } from "./dom.js";
import { t } from "./words.js";

let current = null;

/** Opens a dialog called `title`; `closed` is called when its reader closes it. Returns where its content goes. */
export function opened(kind, title, closed = () => {}) {
  shut();
  const content = el("div", { class: "content" });
  const closing = el("button", { type: "button", class: "quiet", "aria-label": t("close"), title: t("close"), click: () => dialog.close() }, "×");
  const head = el("div", { class: "dialog-head" }, el("h2", { id: "dialog-title" }, title), closing);
  const dialog = el("dialog", { class: kind, "aria-labelledby": "dialog-title" }, head, content);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (current !== dialog) return;
    current = null;
    closed();
  });
  document.body.append(dialog);
  current = dialog;
  dialog.showModal();
  return content;
}

/** Closes what is open without telling anybody; only a dialog of that `kind`, where one is said. */
export function shut(kind = "") {
  const dialog = current;
  if (kind && !dialog?.classList.contains(kind)) return;
  current = null;
  dialog?.close();
}

// What was just closed is not open, though nobody has been told yet: a key pressed meanwhile is the page's.
export const isOpen = () => current?.open === true;
