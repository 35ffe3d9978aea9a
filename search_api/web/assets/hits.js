// A story among the results: what it is called, who published it when, what it says, and where else it stands.

import { el, foreign, web } from "./dom.js";
import { address, changed } from "./state.js";
import { languageName, percent, sourceName, t, when } from "./words.js";

const LONGEST_HEADING = 90;
const NAMED_COPIES = 4;

/** Makes the item of a hit. `acts` has what its buttons do: read(id), similar(id), cite(hit). */
export function hitItem(hit, state, acts) {
  const title = heading(hit) || t("untitled");
  return el(
    "li",
    { class: "hit", "data-id": hit.article_id },
    meta(hit),
    el("h2", foreign(hit.lang), opened(hit, state, acts, title)),
    el("p", { class: "passage", ...foreign(hit.lang) }, marked(hit.passages[0], hit.highlight)),
    morePassages(hit),
    copies(hit, state, acts),
    actions(hit, state, acts, title),
  );
}

/** Outlet, date and language of an article. */
export function meta(article) {
  return el(
    "p",
    { class: "meta" },
    article.source && el("span", { class: "outlet", dir: "auto" }, article.source),
    article.published
      ? el("time", { datetime: article.published }, when(article.published))
      : el("span", {}, t("undated")),
    el("span", { class: "language" }, languageName(article.lang)),
  );
}

/** What to show as a title: where there is none, how the article begins. */
export function heading(hit) {
  if (hit.title?.trim()) return hit.title;
  const first = hit.passages?.find((passage) => passage.start === 0)?.text ?? "";
  const beginning = first.slice(0, LONGEST_HEADING * 2).replace(/\s+/g, " ").trim();
  if (beginning.length <= LONGEST_HEADING) return beginning;
  const cut = beginning.slice(0, LONGEST_HEADING);
  return `${cut.slice(0, cut.lastIndexOf(" ")) || cut}…`;
}

/** A text of an article with the answering sentence marked. Places are counted in code points, as Python does. */
export function marked(passage, highlight) {
  if (!highlight || highlight.start < passage.start) return [close(passage.text)];
  const points = Array.from(passage.text);
  const [start, end] = [highlight.start - passage.start, highlight.end - passage.start];
  if (end > points.length) return [close(passage.text)];
  const piece = (from, to) => close(points.slice(from, to).join(""));
  return [piece(0, start), el("mark", {}, piece(start, end)), piece(end)];
}

/** In a passage the paragraphs of an article follow each other closely. */
const close = (text) => text.replace(/\n\s*\n/g, "\n");

/** Calls `act` for a plain click; any other, such as one for a new tab, is the browser's. */
export function plainly(act) {
  return (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    act();
  };
}

function opened(hit, state, acts, title) {
  const outside = web(hit.url);
  if (outside) return el("a", { ...outside, class: "title", "data-key": `title ${hit.article_id}` }, title);
  const attributes = { class: "title", href: readAddress(state, hit.article_id), "data-key": `title ${hit.article_id}` };
  return el("a", { ...attributes, click: plainly(() => acts.read(hit.article_id)) }, title);
}

function morePassages(hit) {
  const others = hit.passages.slice(1);
  if (!others.length) return null;
  return el(
    "details",
    { class: "others" },
    el("summary", {}, t("more-passages", { n: others.length })),
    others.map((passage) => el("p", { class: "passage", ...foreign(hit.lang) }, close(passage.text))),
  );
}

function copies(hit, state, acts) {
  if (!hit.copies?.length) return null;
  const links = hit.copies.map((copy) => copyLink(copy, hit, state, acts));
  const rest = links.splice(NAMED_COPIES);
  return el(
    "div",
    { class: "also" },
    el("span", {}, t("also-in")),
    el("ul", {}, links),
    rest.length > 0 &&
      el("details", {}, el("summary", {}, t("more-copies", { n: rest.length })), el("ul", {}, rest)),
  );
}

function copyLink(copy, hit, state, acts) {
  const elsewhere = copy.source !== hit.source && el("span", { dir: "auto" }, sourceName(copy.source));
  const named = [languageName(copy.lang), elsewhere && " · ", elsewhere];
  const outside = web(copy.url);
  const attributes = outside ?? {
    href: readAddress(state, copy.article_id),
    click: plainly(() => acts.read(copy.article_id)),
  };
  return el(
    "li",
    {},
    el("a", { ...attributes, title: `${copy.title || t("untitled")} (${t(copy.kind)})` }, named),
  );
}

function actions(hit, state, acts, title) {
  const id = hit.article_id;
  const similar = changed(state, { like: id });
  return el(
    "div",
    { class: "actions" },
    action("read", title, { href: readAddress(state, id), "data-key": `read ${id}` }, () => acts.read(id, hit)),
    action("similar", title, { href: address(similar), "data-key": `similar ${id}` }, () => acts.similar(hit)),
    el(
      "button",
      { type: "button", class: "cite", "aria-label": t("cite-label", { title }), "data-key": `cite ${id}`, click: () => acts.cite(hit) },
      t("cite"),
    ),
    typeof hit.confidence === "number" &&
      el("span", { class: "sure", title: t("sure-hint") }, t("sure", { percent: percent(hit.confidence) })),
  );
}

function action(name, title, attributes, act) {
  return el("a", { class: name, "aria-label": t(`${name}-label`, { title }), ...attributes, click: plainly(act) }, t(name));
}

const readAddress = (state, id) => address({ ...state, read: id });
