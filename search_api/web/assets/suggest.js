// Titles and names as one types: a combobox with a list below, as the ARIA Authoring Practices describe it.

import { ask } from "./api.js";
import { el } from "./dom.js";
import { t } from "./words.js";

const MOST = 6;
const SHORTEST = 2;

/** Lets `input` suggest into `list`. `choose` is called with the text that is chosen. */
export class Suggestions {
  #input;
  #list;
  #choose;
  #texts = [];
  #active = -1;
  #asking = null;
  #there = true;

  constructor(input, list, choose) {
    this.#input = input;
    this.#list = list;
    this.#choose = choose;
    const told = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
    for (const [name, value] of Object.entries(told)) input.setAttribute(name, value);
    input.addEventListener("keydown", (event) => this.#pressed(event));
    input.addEventListener("blur", () => this.close());
    // A press of the mouse must not take the focus away before the click comes.
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get open() {
    return !this.#list.hidden;
  }

  /** Asks for what begins as `text`, and shows it. What goes wrong here is nobody's trouble. */
  async suggest(text) {
    this.#asking?.abort();
    if (!this.#there || text.length < SHORTEST) {
      this.close();
      return;
    }
    this.#asking = new AbortController();
    try {
      const { suggestions } = await ask("suggest", [["q", text]], this.#asking.signal);
      if (document.activeElement === this.#input && this.#input.value.trim() === text) this.#show(suggestions, text);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#there = error.status !== 404;
      this.close();
    }
  }

  close() {
    this.#asking?.abort();
    this.#list.hidden = true;
    this.#list.replaceChildren();
    this.#texts = [];
    this.#point(-1);
    this.#input.setAttribute("aria-expanded", "false");
  }

  #show(suggestions, text) {
    const others = suggestions.filter((suggestion) => suggestion.text.toLowerCase() !== text.toLowerCase()).slice(0, MOST);
    if (!others.length) {
      this.close();
      return;
    }
    this.#texts = others.map((suggestion) => suggestion.text);
    this.#list.replaceChildren(
      ...others.map((suggestion, place) =>
        el(
          "li",
          { role: "option", id: `suggestion-${place}`, "aria-selected": "false", click: () => this.#take(place) },
          el("span", { class: "suggested", dir: "auto" }, suggestion.text),
          el("span", { class: "count" }, suggestion.count > 1 ? t("suggested-count", { n: suggestion.count }) : t(`suggested-${suggestion.kind}`)),
        ),
      ),
    );
    this.#list.hidden = false;
    this.#point(-1);
    this.#input.setAttribute("aria-expanded", "true");
  }

  #pressed(event) {
    if (!this.open || event.isComposing) return;
    const last = this.#texts.length - 1;
    if (event.key === "ArrowDown") this.#point(this.#active < last ? this.#active + 1 : -1);
    else if (event.key === "ArrowUp") this.#point(this.#active < 0 ? last : this.#active - 1);
    else if (event.key === "Enter" && this.#active >= 0) this.#take(this.#active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #point(place) {
    this.#active = place;
    [...this.#list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    if (place < 0) this.#input.removeAttribute("aria-activedescendant");
    else this.#input.setAttribute("aria-activedescendant", `suggestion-${place}`);
  }

  #take(place) {
    const text = this.#texts[place];
    this.close();
    this.#choose(text);
  }
}
