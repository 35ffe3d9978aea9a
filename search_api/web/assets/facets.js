// The filters beside the results: how many stories each would leave, and which are on.

import { el, swap } from "./dom.js";
import { changed, filterCount, toggled, unfiltered } from "./state.js";
import { languageName, number, sourceName, t, when } from "./words.js";

const SHOWN = 6;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const unfolded = new Set();

const named = {
  lang: { title: "language", counts: "languages", name: languageName },
  source: { title: "source", counts: "sources", name: sourceName },
  category: { title: "category", counts: "categories", name: (category) => category || t("no-category") },
};

/**
 * Shows the filters: how many stories match by the `facets` of /coverage, and what else there is in the `whole` corpus;
 * both null where they are not known. `choose` takes what a choice makes of the state that there is by then.
 */
export function drawFacets(container, facets, whole, state, choose) {
  const draw = () =>
    swap(
      container,
      choices("lang", facets, whole, state, choose, draw),
      dates(state, choose),
      choices("source", facets, whole, state, choose, draw),
      choices("category", facets, whole, state, choose, draw),
    );
  draw();
}

/** Shows the filters that are on, each of which a click takes away. */
export function drawChips(container, state, choose) {
  const chip = (what, key, without) =>
    el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "chip", "aria-label": t("remove-filter", { what }), "data-key": `chip ${key}`, click: () => choose(without) },
        el("span", { dir: "auto" }, what),
        el("span", { "aria-hidden": "true", class: "cross" }, "×"),
      ),
    );
  const chips = Object.entries(named).flatMap(([name, { name: shown }]) =>
    state[name].map((value) => chip(shown(value), `${name} ${value}`, (now) => toggled(now, name, value))),
  );
  if (state.since) chips.push(chip(t("from-day", { day: when(state.since) }), "since", (now) => changed(now, { since: "" })));
  if (state.until) chips.push(chip(t("to-day", { day: when(state.until) }), "until", (now) => changed(now, { until: "" })));
  const all = el("li", {}, el("button", { type: "button", class: "quiet", click: () => choose((now) => changed(now, unfiltered)) }, t("clear-filters")));
  swap(container, chips.length > 0 && el("ul", { "aria-label": t("active-filters") }, chips, chips.length > 1 && all));
}

/** What the filters are called: how many are on. */
export function filtersTitle(state) {
  const count = filterCount(state);
  return count ? t("filters-active", { n: count }) : t("filters");
}

function choices(name, facets, whole, state, choose, draw) {
  const { title, counts, name: shown } = named[name];
  const found = new Map(Object.entries(facets?.[counts] ?? {}));
  // The nearest stories, where none matches, may have what no match has.
  for (const value of [...state[name], ...Object.keys(whole?.[counts] ?? {})]) if (!found.has(value)) found.set(value, 0);
  // A choice of one is none.
  if (!found.size || (found.size === 1 && !state[name].length)) return null;
  const held = (value) => whole?.[counts][value] ?? 0;
  const ordered = [...found].sort(([one, matching], [other, others]) => others - matching || held(other) - held(one));
  const all = unfolded.has(name) || ordered.length <= SHOWN + 1;
  const listed = all ? ordered : ordered.filter(([value], place) => place < SHOWN || state[name].includes(value));
  const hidden = ordered.length - listed.length;
  const fold = () => {
    if (unfolded.has(name)) unfolded.delete(name);
    else unfolded.add(name);
    draw();
  };
  return el(
    "fieldset",
    {},
    el("legend", {}, t(title)),
    listed.map(([value, count]) => choice(name, value, shown(value), count, state, choose)),
    (hidden > 0 || unfolded.has(name)) &&
      el("button", { type: "button", class: "quiet fold", "data-key": `fold ${name}`, click: fold }, hidden > 0 ? t("show-all", { n: hidden }) : t("show-fewer")),
  );
}

function choice(name, value, shown, count, state, choose) {
  const checked = state[name].includes(value);
  return el(
    "label",
    { class: count ? "choice" : "choice none" },
    el("input", { type: "checkbox", checked, "data-key": `${name} ${value}`, change: () => choose((now) => toggled(now, name, value)) }),
    el("span", { dir: "auto" }, shown),
    el("span", { class: "count" }, number(count)),
  );
}

function dates(state, choose) {
  const field = (name) =>
    el(
      "label",
      {},
      t(name),
      el("input", {
        type: "date",
        value: DAY.test(state[name]) ? state[name] : "",
        min: name === "until" ? state.since : null,
        max: name === "since" ? state.until : null,
        "data-key": name,
        change: ({ target: { value } }) => choose((now) => (value === now[name] ? now : changed(now, { [name]: value }))),
      }),
    );
  return el("fieldset", { class: "dates" }, el("legend", {}, t("date")), field("since"), field("until"));
}
