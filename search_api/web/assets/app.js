// The page: from its address to what it shows, and from what is done on it to its next address.

import { ask, key } from "./api.js";
import { drawCoverage } from "./chart.js";
import { cite, savings } from "./cite.js";
import { shut } from "./dialogs.js";
import { byId, el, foreign, swap } from "./dom.js";
import { drawChips, drawFacets, filtersTitle } from "./facets.js";
import { listen } from "./help.js";
import { heading, hitItem, plainly } from "./hits.js";
import { keyNotice, notice, problemNotice, silence, startNotice } from "./notices.js";
import { read } from "./reader.js";
import { address, changed, filterCount, filters, more, parsed, unfiltered } from "./state.js";
import { Suggestions } from "./suggest.js";
import { code, examples, LIKELY, number, t } from "./words.js";

const PAUSE_MS = 250;
const NARROW = matchMedia("(max-width: 60rem)");

const box = byId("q");
const page = Object.fromEntries(
  ["chips", "coverage", "status", "notice", "hits", "after", "facets", "progress"].map((name) => [name, byId(name)]),
);
let state = parsed(location.search);
let shownFor = null;
let asking = null;
let covered = null;
let pause = 0;
let typing = false;
// What is known of stories beyond their ids: the reader marks their sentence, "similar" names them.
const seen = new Map();

const suggestions = new Suggestions(box, byId("suggestions"), (text) => {
  box.value = text;
  go(changed(state, { q: text, like: "" }));
});

/** Goes to another state: a new entry of the history, or the same one where `replace` is said. */
function go(next, { replace = false } = {}) {
  stopWaiting();
  if (address(next) !== address(state)) history[replace ? "replaceState" : "pushState"](null, "", address(next));
  state = next;
  show();
}

/**
 * Goes to what `change` makes of the state of this moment: what is clicked may have been drawn for an earlier one, and
 * what was typed just before still waits to be asked.
 */
function choose(change, how) {
  go(change(pause ? withTyped() : state), how);
}

/** The attributes of a link to what `change` makes of the state. */
const leading = (change, how) => ({ href: address(change(state)), click: plainly(() => choose(change, how)) });

function show() {
  const { q } = state;
  // What is being typed is not put right under the fingers.
  if (box.value.trim() !== q) box.value = q;
  document.title = q ? `${q} — Veille` : "Veille";
  byId("switch").href = switched();
  drawChips(page.chips, state, choose);
  byId("filters-title").textContent = filtersTitle(state);
  const wanted = address({ ...state, read: "" });
  if (wanted !== shownFor) {
    shownFor = wanted;
    answer();
  }
  if (state.read) read(state.read, seen.get(state.read), () => go({ ...state, read: "" }));
  // What is typed is shown a moment after: the help, opened meanwhile, stays.
  else shut("reader");
}

function switched() {
  const given = new URLSearchParams(location.search);
  given.set("ui", code === "fr" ? "en" : "fr");
  return `?${given}`;
}

/** Asks for stories and for coverage, and shows each when it comes. What was asked before is given up. */
async function answer() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  silence();
  waiting(true);
  const counting = count(signal);
  // What the stories fail of is told once.
  counting.catch(() => {});
  try {
    if (state.like) await showSimilar(signal);
    else if (state.q) await showAnswer(signal);
    else await showStart(counting);
    await counting;
  } catch (error) {
    if (error.name !== "AbortError") showProblem(error);
  } finally {
    if (!signal.aborted) waiting(false);
  }
}

function waiting(is) {
  byId("results").setAttribute("aria-busy", String(is));
  page.progress.classList.toggle("on", is);
}

async function showAnswer(signal) {
  const { q, k } = state;
  placed(page.status, "before");
  const asked = [["q", q], ...filters(state)];
  const found = await ask("search", [...asked, ["k", k]], signal);
  const nothing = found.answered === false && found.hits.length > 0;
  const none = () => (filterCount(state) ? notice("none", clearing()) : notice("empty"));
  const lacking = absent(found);
  swap(
    page.notice,
    nothing ? notice("nothing", lacking) : lacking,
    !found.hits.length && none(),
    ...notes(found),
  );
  showHits(found, [...asked, ["k", k]]);
  page.hits.classList.toggle("doubtful", nothing);
  say(nothing ? t("nearest") : t("result-count", { n: found.hits.length }), found);
}

async function showSimilar(signal) {
  const { like, k } = state;
  const found = await ask(`articles/${encodeURIComponent(like)}/similar`, [...filters(state), ["k", k]], signal);
  const known = seen.get(like);
  const title = known ? heading(known) || t("untitled") : like;
  swap(
    page.notice,
    el(
      "section",
      { class: "notice like" },
      el("h2", {}, t("similar-to"), " ", el("q", foreign(known?.lang ?? ""), title)),
      el("p", {}, el("a", leading((now) => changed(now, { like: "" })), t("back"))),
    ),
    ...notes(found),
  );
  showHits(found, null);
  page.hits.classList.remove("doubtful");
  say(t("result-count", { n: found.hits.length }), found);
}

async function showStart(counting) {
  const linked = examples.map(([lang, q]) => el("li", {}, el("a", { lang, ...leading((now) => changed(now, { q })) }, q)));
  swap(page.hits);
  swap(page.after);
  page.status.replaceChildren();
  const coverage = await counting;
  const info = coverage && { articles: coverage.articles, languages: Object.keys(coverage.languages).length };
  placed(page.notice, "after");
  swap(page.notice, coverage?.stories === 0 && !filterCount(state) ? notice("empty") : startNotice(linked, info));
}

/** Moves coverage next to another part of the page, if it is not there: what is moved loses the focus. */
function placed(part, side) {
  const there = side === "before" ? part.previousElementSibling : part.nextElementSibling;
  if (there !== page.coverage) part[side](page.coverage);
}

function showHits(found, saved) {
  for (const hit of found.hits) seen.set(hit.article_id, hit);
  const acts = {
    read: (id) => choose((now) => ({ ...now, read: id })),
    similar: (hit) => choose((now) => changed(now, { like: hit.article_id })),
    cite: (hit) => cite(hit, found.build),
  };
  const items = found.hits.map((hit) => hitItem(hit, state, acts));
  const sure = found.answered ? found.hits.findLastIndex((hit) => hit.confidence >= LIKELY) + 1 : 0;
  if (sure && sure < items.length) items.splice(sure, 0, el("li", { class: "divider" }, t("less-sure")));
  swap(page.hits, items);
  const k = more(state);
  const further = found.hits.length >= state.k && k > state.k;
  swap(
    page.after,
    further && el("p", {}, el("a", { class: "button", "data-key": "more", ...leading((now) => ({ ...now, k }), { replace: true }) }, t("more"))),
    saved && found.hits.length > 0 && savings(saved),
  );
}

function say(text, found) {
  const took = t("result-time", { ms: number(Math.round(found.seconds * 1000)) });
  page.status.replaceChildren(el("strong", {}, text), el("span", { class: "small" }, ` · ${took} · ${t("result-build", { build: found.build })}`));
}

/** Which names no passage holds, where there are any. */
function absent({ absent: names }) {
  return names.length > 0 && el("p", {}, t("absent", { names: names.join(t("absent-or")) }));
}

const notes = (found) => found.notes.map((note) => el("p", { class: "small", lang: "en" }, note));

function clearing() {
  return el("p", {}, el("a", { class: "button", ...leading((now) => changed(now, unfiltered)) }, t("clear-filters")));
}

function showProblem(problem) {
  swap(page.hits);
  swap(page.after);
  page.coverage.hidden = true;
  const again = () => {
    shownFor = null;
    show();
  };
  if (problem.name === "key-wanted") {
    const refused = key.get() !== null;
    key.forget();
    swap(page.notice, keyNotice(refused, (given) => {
      key.set(given);
      again();
    }));
    byId("key")?.focus();
  } else {
    swap(page.notice, problemNotice(problem, again));
  }
  page.status.textContent = page.notice.querySelector("h2").textContent;
}

/**
 * Asks how the stories spread over time, and what filters there are. The picture goes beyond the dates that are asked
 * for, or there would be no other to choose. Returns the coverage without them; null where there is none.
 */
async function count(signal) {
  const asked = state;
  if (asked.like) {
    page.coverage.hidden = true;
    return null;
  }
  const counted = (...without) =>
    ask("coverage", [...(asked.q ? [["q", asked.q]] : []), ...filters(asked, ...without)], signal);
  try {
    const [all, narrowed, whole] = await Promise.all([counted("since", "until"), counted(), ask("coverage", [], signal)]);
    covered = { coverage: all, state: asked };
    drawCoverage(page.coverage, all, asked, choose);
    drawFacets(page.facets, narrowed.facets, whole.facets, asked, choose);
    return all;
  } catch (error) {
    // What came before stays until what is asked instead is there.
    if (error.name === "AbortError") throw error;
    page.coverage.hidden = true;
    // Stories without their picture are worth more than none: what is wrong, they will meet themselves.
    if (!asked.q) throw error;
    drawFacets(page.facets, null, null, asked, choose);
    return null;
  }
}

function typed() {
  stopWaiting();
  pause = setTimeout(() => {
    pause = 0;
    const next = withTyped();
    if (next === state) return;
    suggestions.suggest(next.q);
    // The first pause of a question makes an entry of the history, the next ones change it.
    go(next, { replace: typing });
    typing = true;
  }, PAUSE_MS);
}

/** The state with the question that stands in the box. */
function withTyped() {
  const q = box.value.trim();
  return q === state.q ? state : changed(state, { q, like: "" });
}

function stopWaiting() {
  clearTimeout(pause);
  pause = 0;
}

box.addEventListener("input", (event) => event.isComposing || typed());
box.addEventListener("compositionend", typed);
box.addEventListener("blur", () => {
  typing = false;
});
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  suggestions.close();
  const q = box.value.trim();
  typing = false;
  if (q !== state.q || state.like) go(changed(state, { q, like: "" }));
  else if (NARROW.matches) box.blur();
});
document.querySelector(".wordmark").addEventListener(
  "click",
  plainly(() => go(changed(state, { q: "", like: "", ...unfiltered }))),
);
addEventListener("popstate", () => {
  stopWaiting();
  typing = false;
  state = parsed(location.search);
  box.value = state.q;
  shut();
  show();
});
addEventListener("online", () => {
  if (page.notice.querySelector("[data-problem=offline]")) {
    shownFor = null;
    show();
  }
});
new ResizeObserver(() => {
  if (covered && !page.coverage.hidden) drawCoverage(page.coverage, covered.coverage, covered.state, choose);
}).observe(byId("results"));

byId("filters").open = !NARROW.matches;
listen();
show();
