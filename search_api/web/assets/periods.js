// Columns of time: the buckets of /coverage, gaps filled, as wide in time as the room asks for.

import { t, when } from "./words.js";

const NARROWEST = 4.5;
const DAY_MS = 86_400_000;
const MONTHS = { month: 1, quarter: 3, year: 12 };

/**
 * Groups buckets into columns that fit into `width` pixels, each with `since` and `until` (days, inclusive), `label`,
 * `short`, `total` and `languages`. Returns them and their unit: day, month, quarter or year.
 */
export function columns({ buckets, by }, width) {
  if (!buckets.length) return { unit: by, columns: [] };
  const dated = buckets.map((bucket) => ({ ...bucket, day: startOf(bucket.start) }));
  const [first, last] = [dated[0].day, dated.at(-1).day].sort();
  const units = by === "day" ? ["day", "month", "quarter", "year"] : ["month", "quarter", "year"];
  const unit = units.find((name) => width / spanned(first, last, name) >= NARROWEST) ?? "year";
  const found = new Map();
  for (let since = floor(first, unit); since <= last; since = next(since, unit)) found.set(since, column(since, unit));
  for (const bucket of dated) add(found.get(floor(bucket.day, unit)), bucket);
  return { unit, columns: [...found.values()] };
}

function column(since, unit) {
  const until = iso(new Date(Date.parse(next(since, unit)) - DAY_MS));
  return { since, until, label: label(since, unit), total: 0, languages: {} };
}

function add(into, bucket) {
  into.total += bucket.total;
  for (const [lang, count] of Object.entries(bucket.languages)) into.languages[lang] = (into.languages[lang] ?? 0) + count;
}

function label(since, unit) {
  if (unit === "quarter") return t("quarter", { year: since.slice(0, 4), n: Math.ceil(Number(since.slice(5, 7)) / 3) });
  return when(since, unit);
}

function spanned(first, last, unit) {
  if (unit === "day") return (Date.parse(last) - Date.parse(first)) / DAY_MS + 1;
  const months = (day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
  return Math.floor((months(last) - months(first)) / MONTHS[unit]) + 1;
}

function floor(day, unit) {
  if (unit === "day") return day;
  const [year, month] = [day.slice(0, 4), Number(day.slice(5, 7))];
  const first = month - ((month - 1) % MONTHS[unit]);
  return `${year}-${String(first).padStart(2, "0")}-01`;
}

function next(day, unit) {
  const date = new Date(day);
  if (unit === "day") date.setUTCDate(date.getUTCDate() + 1);
  else date.setUTCMonth(date.getUTCMonth() + MONTHS[unit]);
  return iso(date);
}

const startOf = (start) => (start.length === "2023-04".length ? `${start}-01` : start.slice(0, 10));
const iso = (date) => date.toISOString().slice(0, 10);
