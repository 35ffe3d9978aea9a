// How to cite a story: where it stands, what the index knew of it, and files for those who keep references.

import { text } from "./api.js";
import { opened } from "./dialogs.js";
import { el, foreign } from "./dom.js";
import { heading } from "./hits.js";
import { problemNotice } from "./notices.js";
import { sourceName, t, when } from "./words.js";

export const FORMATS = [
  ["bibtex", "BibTeX", "bib", "application/x-bibtex"],
  ["ris", "RIS", "ris", "application/x-research-info-systems"],
  ["csv", "CSV", "csv", "text/csv"],
  ["jsonl", "JSON Lines", "jsonl", "application/jsonl"],
];

/** Opens what there is to cite of a hit. */
export function cite(hit, build) {
  const content = opened("cite", t("citation"));
  const known = hit.citation ?? { build };
  const quote = hit.highlight?.text ?? hit.passages[0].text;
  const link = new URL(known.permalink ?? `?${new URLSearchParams({ read: hit.article_id })}`, document.baseURI).href;
  const named = [hit.source && sourceName(hit.source), heading(hit) || t("untitled"), hit.published && when(hit.published)].filter(Boolean).join(", ");
  const whole = `${t("cite-quote", { quote })}\n${named}. ${hit.url ?? link}`;
  content.append(
    el("blockquote", foreign(hit.lang), t("cite-quote", { quote })),
    el("p", { dir: "auto" }, named),
    copying(whole),
    el("dl", { class: "facts" }, facts(known, link)),
  );
}

/** Makes a row of buttons, each of which saves what `parameters` ask of /search in one format. */
export function savings(parameters) {
  const row = el("div", { class: "savings" });
  const button = ([format, name, suffix, type]) =>
    el("button", { type: "button", class: "quiet", click: () => saved(row, [...parameters, ["format", format]], `veille.${suffix}`, type) }, name);
  row.append(el("span", {}, t("export")), ...FORMATS.map(button));
  return row;
}

async function saved(row, parameters, name, type) {
  row.querySelector(".problem")?.remove();
  try {
    const file = URL.createObjectURL(new Blob([await text("search", parameters)], { type }));
    el("a", { href: file, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(file), 1000);
  } catch (error) {
    row.append(problemNotice({ ...error, retryAfter: 0 }, () => saved(row, parameters, name, type)));
  }
}

function facts(known, link) {
  const place = Number.isInteger(known.start) && t("cite-offsets-value", { start: known.start, end: known.end });
  const rows = [
    ["cite-link", el("a", { href: link }, link)],
    ["cite-offsets", place],
    ["cite-hash", known.content_hash],
    ["cite-build", known.build],
    ["cite-model", [known.model, known.revision].filter(Boolean).join(" @ ")],
  ];
  return rows.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, t(name)), el("dd", {}, value)]);
}

function copying(whole) {
  const said = el("span", { role: "status" });
  const copy = async () => {
    await navigator.clipboard.writeText(whole);
    said.textContent = t("copied");
  };
  // Only pages of https, and of this machine, may write there.
  if (!navigator.clipboard) return el("textarea", { readonly: true, rows: 4, "aria-label": t("citation") }, whole);
  return el("p", {}, el("button", { type: "button", class: "button", click: copy }, t("copy-citation")), " ", said);
}
