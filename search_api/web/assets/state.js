// The state of the page, which is what its address says.

export const MANY = ["lang", "source", "category"];
const ONE = ["q", "like", "read", "since", "until"];
const FIRST = 10;
export const MOST = 100;

/** Reads the state from the part of an address after "?". */
export function parsed(search) {
  const given = new URLSearchParams(search);
  const state = Object.fromEntries(ONE.map((name) => [name, (given.get(name) ?? "").trim()]));
  for (const name of MANY) state[name] = [...new Set(given.getAll(name))];
  const k = Number(given.get("k"));
  state.k = Number.isInteger(k) && k >= 1 && k <= MOST ? k : FIRST;
  return Object.freeze(state);
}

/** The address of a state, relative to the page. */
export function address(state) {
  const given = pairs(state, ["q", "like", "read"]);
  if (state.k !== FIRST) given.push(["k", state.k]);
  return given.length ? `?${new URLSearchParams(given)}` : "./";
}

/** What a state becomes: another question or filter begins at the first stories, with nothing open. */
export function changed(state, changes) {
  return Object.freeze({ ...state, read: "", k: FIRST, ...changes });
}

/** The state with a value of `lang`, `source` or `category` taken in, or out where it was in. */
export function toggled(state, name, value) {
  const held = state[name];
  return changed(state, { [name]: held.includes(value) ? held.filter((other) => other !== value) : [...held, value] });
}

/** The parameters of the filters, without those in `without`, for an endpoint. */
export function filters(state, ...without) {
  return pairs(state, []).filter(([name]) => !without.includes(name));
}

export const unfiltered = { lang: [], source: [], category: [], since: "", until: "" };

/** How many filters there are. */
export const filterCount = (state) => pairs(state, []).length;

export const more = (state) => Math.min(state.k + FIRST, MOST);

function pairs(state, first) {
  const given = first.filter((name) => state[name]).map((name) => [name, state[name]]);
  for (const name of MANY) given.push(...state[name].map((value) => [name, value]));
  given.push(...["since", "until"].filter((name) => state[name]).map((name) => [name, state[name]]));
  return given;
}
