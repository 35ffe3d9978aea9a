"""Results as HTML for a notebook. Articles come from anywhere: everything of theirs is escaped."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search_api.results import Hit, PassageHit, Results

# Nothing else becomes a link: "javascript:" and "data:" would run in the notebook's page.
_LINKED = re.compile(r"https?://", re.IGNORECASE)


def results_html(results: Results) -> str:
    """Return a list of the hits as an HTML fragment without scripts."""
    seconds = f"{results.seconds * 1000:.0f} ms"
    head = (
        f'<p><b dir="auto">{escape(results.query)}</b> '
        f"<small>{_counted(len(results), 'article')}, {seconds}, build {escape(results.build)}</small></p>"
    )
    if results.unanswered:
        head += f"<p><i>{escape(results.unanswered)}</i></p>"
    notes = "".join(f'<p dir="auto"><i>{escape(note)}</i></p>' for note in results.notes)
    return f'<div class="veille">{head}{notes}<ol>{"".join(map(_hit, results))}</ol></div>'


def _hit(hit: Hit) -> str:
    heading = escape(hit.heading)
    if hit.url and _LINKED.match(hit.url):
        heading = f'<a href="{escape(hit.url)}" target="_blank" rel="noopener noreferrer">{heading}</a>'
    facts = (f"{hit.score:.3f}", hit.sureness, hit.published, hit.lang, hit.source)
    about = " · ".join(escape(fact) for fact in facts if fact)
    if hit.copies:
        about += f"<br>{escape(hit.also_in)}"
    passages = "".join(_passage(passage, hit) for passage in hit.passages)
    return f'<li style="margin-bottom:1em"><b dir="auto">{heading}</b> <small>{about}</small>{passages}</li>'


def _passage(passage: PassageHit, hit: Hit) -> str:
    place = f"{passage.score:.3f} · {passage.start}–{passage.end}"
    text = _marked(passage.text, hit.highlight.within(passage) if hit.highlight else None)
    return (
        f'<blockquote dir="auto" lang="{escape(hit.lang)}" style="margin:.4em 0 .4em 1em">{text} '
        f"<small>{place}</small></blockquote>"
    )


def _marked(text: str, span: tuple[int, int] | None) -> str:
    if span is None:
        return escape(text)
    start, end = span
    return f"{escape(text[:start])}<mark>{escape(text[start:end])}</mark>{escape(text[end:])}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
