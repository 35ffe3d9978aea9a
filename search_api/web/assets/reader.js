// An article as the index keeps it, with the sentence that answers marked.

import { ask } from "./api.js";
import { opened } from "./dialogs.js";
import { el, foreign, web } from "./dom.js";
import { marked, meta } from "./hits.js";
import { problemNotice } from "./notices.js";
import { t, when } from "./words.js";

/** Opens the article of that id. `hit` is the story it was found as, where it is known; `closed` is called after. */
export async function read(id, hit, closed) {
  const content = opened("reader", t("read"), closed);
  await shown(content, id, hit);
}

async function shown(content, id, hit) {
  content.replaceChildren(el("p", { role: "status" }, t("loading-article")));
  try {
    const article = await ask(`articles/${encodeURIComponent(id)}`, []);
    if (content.isConnected) content.replaceChildren(...parts(article, hit));
    content.querySelector("mark")?.scrollIntoView({ block: "center" });
  } catch (error) {
    content.replaceChildren(problemNotice(error, () => shown(content, id, hit)));
  }
}

function parts(article, hit) {
  const last = article.revisions?.[0]?.replaced;
  const outside = web(article.url);
  return [
    meta(article),
    article.title.trim() && el("h3", foreign(article.lang), article.title),
    ...paragraphs(article.text).map((paragraph) =>
      el("p", foreign(article.lang), hit?.article_id === article.id ? within(paragraph, hit.highlight) : paragraph.text),
    ),
    last && el("p", { class: "small" }, t("revisions", { n: article.revisions.length, day: when(last) })),
    outside &&
      el("p", {}, el("a", { ...outside, class: "button" }, article.source ? t("open", { source: article.source }) : t("open-plain"))),
  ].filter(Boolean);
}

/** The lines of a text, each with the place where it begins, in code points. */
function paragraphs(text) {
  const found = [];
  let start = 0;
  for (const line of text.split("\n")) {
    if (line.trim()) found.push({ text: line, start });
    start += Array.from(line).length + 1;
  }
  return found;
}

/** A paragraph with as much of the sentence as is in it marked: a sentence may go over several lines. */
function within(paragraph, highlight) {
  const end = paragraph.start + Array.from(paragraph.text).length;
  if (!highlight || highlight.end <= paragraph.start || highlight.start >= end) return paragraph.text;
  const part = { start: Math.max(highlight.start, paragraph.start), end: Math.min(highlight.end, end) };
  return marked(paragraph, part);
}
