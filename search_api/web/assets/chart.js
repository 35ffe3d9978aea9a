// Coverage as a picture: a column a month, a colour a language. Columns and languages are filters.

import { el, svg, swap } from "./dom.js";
import { columns } from "./periods.js";
import { changed, toggled, unfiltered } from "./state.js";
import { languageName, number, t, when } from "./words.js";

const HEIGHT = 112;
const AXIS = 18;
const ROOM_ABOVE = 14;
const NAMED = 7;
const OTHERS = "others";
// The usual languages keep their colours whatever is asked; the rest take what is free.
const USUAL = ["en", "fr", "de", "es", "ru", "ja", "zh"];
const LABEL_WIDTH = { year: 44, month: 96 };
const WIDEST_COLUMN = 40;

/** Draws coverage into `container`; `choose`, with what a click makes of the state that there is by then. */
export function drawCoverage(container, coverage, state, choose) {
  const room = Math.max(container.clientWidth, 240);
  const { unit, columns: all } = columns(coverage, room);
  if (!all.length || !coverage.stories) {
    container.hidden = true;
    container.replaceChildren();
    return;
  }
  const width = Math.min(room, all.length * WIDEST_COLUMN);
  const { languages } = coverage.facets;
  const shown = palette(languages);
  const opened = container.querySelector("details")?.open ?? false;
  container.hidden = false;
  swap(
    container,
    el(
      "h2",
      { id: "coverage-title" },
      t(state.q ? "coverage-question" : "coverage-all"),
      el("span", {}, ` ${t(`by-${unit}`)}`),
    ),
    picture(all, unit, shown, width, state, choose),
    legend(languages, shown, state, choose),
    el("p", { class: "hidden", id: "coverage-hint" }, t("coverage-hint")),
    table(all, shown, opened),
    coverage.complete === false && el("p", { class: "small" }, t("coverage-incomplete")),
    coverage.undated > 0 && el("p", { class: "small" }, t("coverage-undated", { n: coverage.undated })),
  );
}

/** Which languages have a colour of their own: pairs of code and class, the most frequent first. */
function palette(languages) {
  const frequent = Object.entries(languages).sort((one, other) => other[1] - one[1]).slice(0, NAMED);
  const free = new Set(USUAL.keys());
  const slots = new Map();
  for (const [lang] of frequent) {
    if (USUAL.includes(lang)) {
      slots.set(lang, USUAL.indexOf(lang));
      free.delete(USUAL.indexOf(lang));
    }
  }
  for (const [lang] of frequent) {
    if (slots.has(lang)) continue;
    const [slot] = free;
    free.delete(slot);
    slots.set(lang, slot);
  }
  return frequent.map(([lang]) => [lang, `tone-${slots.get(lang)}`]);
}

/** The counts of a column by the languages that have a colour, and of all others together; none that are zero. */
function layers(languages, shown) {
  const named = shown.map(([lang, tone]) => [languageName(lang), tone, languages[lang] ?? 0]);
  const codes = new Set(shown.map(([lang]) => lang));
  const rest = Object.entries(languages).filter(([lang]) => !codes.has(lang)).reduce((sum, [, count]) => sum + count, 0);
  return [...named, [t("other-languages"), `tone-${OTHERS}`, rest]].filter(([, , count]) => count > 0);
}

function picture(all, unit, shown, width, state, choose) {
  const highest = Math.max(...all.map((column) => column.total));
  const step = width / all.length;
  const gap = step > 8 ? 2 : step > 4 ? 1 : 0.5;
  const scale = (HEIGHT - AXIS - ROOM_ABOVE) / highest;
  const first = Math.max(all.findIndex((column) => chosen(column, state)), 0);
  const bars = all.map((column, place) =>
    bar(column, place, {
      shown,
      step,
      gap,
      scale,
      state,
      tabbed: place === first,
      pick: (event) => choose((now) => picked(column, now, event.shiftKey)),
    }),
  );
  return svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width,
      height: HEIGHT,
      role: "toolbar",
      "aria-labelledby": "coverage-title",
      "aria-describedby": "coverage-hint",
      keydown: moved,
    },
    svg("line", { class: "grid", x1: 0, x2: width, y1: ROOM_ABOVE, y2: ROOM_ABOVE, "aria-hidden": "true" }),
    svg("text", { class: "tick", x: 0, y: ROOM_ABOVE - 4, "aria-hidden": "true" }, number(highest)),
    bars,
    svg("line", { class: "base", x1: 0, x2: width, y1: HEIGHT - AXIS, y2: HEIGHT - AXIS, "aria-hidden": "true" }),
    ticks(all, unit, step),
  );
}

function bar(column, place, { shown, step, gap, scale, state, tabbed, pick }) {
  const found = layers(column.languages, shown);
  const told = found.map(([name, , count]) => `${name} ${number(count)}`).join(", ");
  const stories = t("result-count", { n: column.total });
  const label = column.total ? t("coverage-bar", { when: column.label, stories, languages: told }) : `${column.label}: ${stories}`;
  let top = HEIGHT - AXIS;
  // A story counts in each language that it was published in: colours are shares of its column's height.
  const counts = found.reduce((sum, [, , count]) => sum + count, 0);
  const pieces = found.map(([, tone, count]) => {
    const height = (count / counts) * column.total * scale;
    top -= height;
    return svg("rect", { class: tone, x: place * step + gap / 2, y: top, width: step - gap, height: Math.max(height - 0.75, 0.75) });
  });
  const filtered = state.since || state.until;
  const pressed = chosen(column, state);
  return svg(
    "g",
    {
      class: `column${filtered && !pressed ? " faded" : ""}`,
      role: "button",
      tabindex: tabbed ? 0 : -1,
      "aria-label": label,
      "aria-pressed": String(Boolean(pressed)),
      "data-key": `column ${column.since}`,
      click: pick,
      keydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        pick(event);
      },
    },
    svg("title", {}, label),
    svg("rect", { class: "reach", x: place * step, y: 0, width: step, height: HEIGHT - AXIS }),
    pieces,
  );
}

/** Whether a column lies within the dates that are asked for. */
function chosen(column, { since, until }) {
  if (!since && !until) return false;
  return (!since || column.until >= since) && (!until || column.since <= until);
}

function picked(column, state, extend) {
  if (extend && state.since && state.until) {
    const since = column.since < state.since ? column.since : state.since;
    const until = column.until > state.until ? column.until : state.until;
    return changed(state, { since, until });
  }
  const again = state.since === column.since && state.until === column.until;
  const { since, until } = again ? unfiltered : column;
  return changed(state, { since, until });
}

function moved(event) {
  const all = [...event.currentTarget.querySelectorAll(".column")];
  const at = all.indexOf(event.target);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (at < 0 || !all[to]) return;
  event.preventDefault();
  all[at].setAttribute("tabindex", -1);
  all[to].setAttribute("tabindex", 0);
  all[to].focus();
}

/** Years below the columns, or months where columns are days; as many as there is room for. */
function ticks(all, unit, step) {
  const [named, length] = unit === "day" ? ["month", "2023-04".length] : ["year", "2023".length];
  const labels = [];
  let free = 0;
  all.forEach((column, place) => {
    const x = place * step;
    const begins = !place || column.since.slice(0, length) !== all[place - 1].since.slice(0, length);
    if (!begins || x < free || (place && x + LABEL_WIDTH[named] > step * all.length + 8)) return;
    free = x + LABEL_WIDTH[named];
    labels.push(svg("text", { class: "tick", x, y: HEIGHT - 4, "aria-hidden": "true" }, when(column.since, named)));
  });
  return labels;
}

function legend(languages, shown, state, choose) {
  const items = shown.map(([lang, tone]) =>
    el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          "aria-pressed": String(state.lang.includes(lang)),
          "data-key": `legend ${lang}`,
          click: () => choose((now) => toggled(now, "lang", lang)),
        },
        svg("svg", { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { class: tone, width: 10, height: 10, rx: 2 })),
        el("span", {}, languageName(lang)),
        el("span", { class: "count" }, number(languages[lang])),
      ),
    ),
  );
  const rest = layers(languages, shown).find(([, tone]) => tone === `tone-${OTHERS}`);
  const others = rest && [
    svg("svg", { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { class: rest[1], width: 10, height: 10, rx: 2 })),
    el("span", {}, rest[0]),
    el("span", { class: "count" }, number(rest[2])),
  ];
  return el("ul", { class: "legend", "aria-label": t("legend") }, items, others && el("li", { class: "plain" }, others));
}

function table(all, shown, opened) {
  const head = [t("coverage-when"), t("coverage-total"), ...shown.map(([lang]) => languageName(lang)), t("other-languages")];
  const rows = all
    .filter((column) => column.total)
    .map((column) => {
      const own = shown.map(([lang]) => column.languages[lang] ?? 0);
      const sum = (counts) => counts.reduce((total, count) => total + count, 0);
      const rest = sum(Object.values(column.languages)) - sum(own);
      const cells = [column.total, ...own, rest].map((count) => el("td", {}, number(count)));
      return el("tr", {}, el("th", { scope: "row" }, column.label), cells);
    });
  return el(
    "details",
    { class: "tabled", open: opened },
    el("summary", { "data-key": "coverage table" }, t("coverage-table")),
    el(
      "div",
      { class: "scrolled", tabindex: 0, role: "region", "aria-labelledby": "coverage-title" },
      el("table", {}, el("thead", {}, el("tr", {}, head.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, rows)),
    ),
  );
}
