// Elements are made, never parsed: what articles say can only become text.

const SVG = "http://www.w3.org/2000/svg";
const WEB = /^https?:\/\//i;

/** Makes an element. Attributes that are functions listen; null, undefined and false are left out. */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Makes an element of a picture. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The attributes of a text in a foreign language: shown in its own direction, read in its own voice. */
export function foreign(lang) {
  return { lang: lang === "und" ? "" : lang, dir: "auto" };
}

/** The attributes of a link to the web; null for any other address, such as "javascript:". */
export function web(url) {
  return url && WEB.test(url) ? { href: url, rel: "noopener noreferrer" } : null;
}

/** Puts children in the place of those that are there. Whatever has the focus and is there again keeps it. */
export function swap(container, ...children) {
  const focused = container.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  container.replaceChildren(...children.flat().filter(Boolean));
  if (focused === undefined) return;
  const again = [...container.querySelectorAll("[data-key]")].find((element) => element.dataset.key === focused);
  again?.focus({ preventScroll: true });
}

export const byId = (id) => document.getElementById(id);
