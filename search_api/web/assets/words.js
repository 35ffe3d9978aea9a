// What the page says, in the language that the server chose for it; numbers, dates and names as Intl says them.

const { words, examples: asked, likely } = JSON.parse(document.getElementById("words").textContent);
export const code = document.documentElement.lang;

/** Questions to begin with, each with its language. */
export const examples = asked;

/** How probable it is at least that a story answers which counts as an answer. */
export const LIKELY = likely;

const plurals = new Intl.PluralRules(code);
const numbers = new Intl.NumberFormat(code);
const percents = new Intl.NumberFormat(code, { style: "percent" });
const names = new Intl.DisplayNames([code], { type: "language" });
// Days are those of UTC, as filters count them.
const formats = Object.fromEntries(
  Object.entries({
    day: { dateStyle: "long" },
    month: { year: "numeric", month: "long" },
    year: { year: "numeric" },
  }).map(([name, options]) => [name, new Intl.DateTimeFormat(code, { ...options, timeZone: "UTC" })]),
);

/** The words of that name with {values} put in; with `n`, in the form for that number. */
export function t(name, values = {}) {
  let said = words[name];
  const shown = { ...values };
  if (typeof values.n === "number") {
    said = words[`${name}.${plurals.select(values.n) === "one" ? "one" : "other"}`] ?? said;
    shown.n = numbers.format(values.n);
  }
  return said.replace(/\{(\w+)\}/g, (whole, key) => (key in shown ? shown[key] : whole));
}

export const number = (value) => numbers.format(value);

/** A probability; never more than 99%. */
export const percent = (share) => percents.format(Math.min(share, 0.99));

export function languageName(lang) {
  if (lang === "und") return t("unknown-language");
  try {
    return names.of(lang);
  } catch {
    return lang;
  }
}

/** A date in ISO 8601 as `unit` (day, month, year) shows it; itself where it is none. */
export function when(iso, unit = "day") {
  const date = new Date(/^\d{4}$/.test(iso) ? `${iso}-01` : iso);
  return Number.isNaN(date.getTime()) ? iso : formats[unit].format(date);
}

export const sourceName = (source) => source || t("no-source");
