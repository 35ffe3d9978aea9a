// The endpoints of this server, asked with the key that there may be.

const KEY = "veille-key";
const URN = "urn:veille:problem:";
const KEPT = 40;
const FRESH_MS = 60_000;

// Answers, or what will be: the same is not asked twice at once either.
const kept = new Map();

/** Why there is no answer. `name` is that of the problem; "offline" where nothing came back at all. */
export class Problem extends Error {
  constructor({ name, status = 0, detail = "", remedy = "", retryAfter = null }) {
    super(detail);
    Object.assign(this, { name, status, detail, remedy, retryAfter });
  }
}

export const key = {
  get: () => sessionStorage.getItem(KEY),
  set(value) {
    kept.clear();
    sessionStorage.setItem(KEY, value);
  },
  forget: () => sessionStorage.removeItem(KEY),
};

/** Asks for JSON; what was answered within the last minute is not asked again. Throws a Problem, or an AbortError. */
export async function ask(path, parameters, signal) {
  const url = addressed(path, parameters);
  const known = kept.get(url);
  if (known && performance.now() - known.since < FRESH_MS && !known.signal?.aborted) return known.answer;
  const answer = fetched(url, signal).then((response) => response.json());
  kept.delete(url);
  kept.set(url, { answer, signal, since: performance.now() });
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  // What went wrong is tried again.
  answer.then(
    () => Object.assign(kept.get(url) ?? {}, { signal: null }),
    () => kept.get(url)?.answer === answer && kept.delete(url),
  );
  return answer;
}

/** Asks for text. Throws a Problem. */
export async function text(path, parameters) {
  return (await fetched(addressed(path, parameters))).text();
}

const addressed = (path, parameters) => `${path}?${new URLSearchParams(parameters)}`;

async function fetched(url, signal) {
  const given = key.get();
  let response;
  try {
    response = await fetch(url, { signal, headers: given ? { "X-API-Key": given } : {}, credentials: "omit" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ name: "offline" });
  }
  if (response.ok) return response;
  throw await problem(response);
}

async function problem(response) {
  const told = await response.json().catch(() => ({}));
  const wait = Number.parseInt(response.headers.get("Retry-After"), 10);
  return new Problem({
    name: String(told.type ?? "").replace(URN, ""),
    status: response.status,
    detail: told.detail ?? response.statusText,
    remedy: told.remedy ?? "",
    retryAfter: Number.isNaN(wait) ? null : wait,
  });
}
