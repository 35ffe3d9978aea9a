"""How an evaluation looks on a terminal, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from search_api.evaluation.measure import Evaluation
from search_api.evaluation.sentences import SentenceScores

_HEADINGS = {
    "ndcg_at_10": "nDCG@10",
    "recall_at_100": "Recall@100",
    "map": "mAP",
    "mrr_at_10": "MRR@10",
    "first_right": "R@1",
}
_CELL = "ndcg_at_10"


def evaluation_lines(found: Evaluation) -> Iterator[str]:
    """Yield the tables, in Markdown."""
    yield f"{found.benchmark}: {found.queries:,} queries, {found.documents:,} documents, build {found.build}"
    yield ""
    yield f"| asked in | {' | '.join(_HEADINGS.values())} |"
    yield f"| --- |{' --- |' * len(_HEADINGS)}"
    yield from _rows({"all": found.overall, **found.by_language})
    if found.share is not None:
        yield ""
        yield (
            f"Share of the question's language: {found.share:.3f} of the first 10 hits, "
            f"{found.share_at_languages:.3f} of the first {found.languages}; "
            f"of the relevant documents {found.fair_share:.3f}."
        )
    if found.sentences is not None:
        yield ""
        yield from _sentence_lines(found.sentences)
    columns = sorted({language for row in found.matrix.values() for language in row})
    for name in ("ndcg_at_10", "first_right"):
        yield ""
        yield f"{_HEADINGS[name]} where only documents of one language compete (asked in, down; answered in, across)"
        yield ""
        yield f"| | {' | '.join(columns)} |"
        yield f"| --- |{' --- |' * len(columns)}"
        for asked, row in found.matrix.items():
            cells = (f"{row[column][name]:.3f}" if column in row else "" for column in columns)
            yield f"| {asked or '-'} | {' | '.join(cells)} |"


def _sentence_lines(scores: SentenceScores) -> Iterator[str]:
    yield "| the sentence shown of a right document | is the one that is named | holds the answer | cases |"
    yield "| --- | --- | --- | --- |"
    yield f"| in the question's language | {scores.right_own:.3f} | {scores.said_own:.3f} | {scores.own:,} |"
    yield f"| in another | {scores.right_other:.3f} | {scores.said_other:.3f} | {scores.other:,} |"


def _rows(rows: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    for language, scores in rows.items():
        yield f"| {language or '-'} | {' | '.join(f'{scores[name]:.3f}' for name in _HEADINGS)} |"


def save_heat_map(found: Evaluation, file: Path) -> None:
    """Write nDCG@10 by the languages of question and document as a PNG."""
    from matplotlib.figure import Figure

    columns = sorted({language for row in found.matrix.values() for language in row})
    values = [[row.get(column, {}).get(_CELL, float("nan")) for column in columns] for row in found.matrix.values()]
    side = max(4.0, 0.55 * len(columns) + 1.5)
    figure = Figure(figsize=(side + 1.2, side), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(values, vmin=0, vmax=1, cmap="viridis")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(values)), [language or "-" for language in found.matrix])
    axes.set_xlabel("answered in")
    axes.set_ylabel("asked in")
    axes.set_title(f"{found.benchmark}: {_HEADINGS[_CELL]}, mixed pool {found.overall[_CELL]:.3f}")
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            shade = "white" if value < 0.6 else "black"  # noqa: PLR2004  # where viridis becomes light
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=shade, fontsize=8)
    figure.colorbar(image, shrink=0.8)
    figure.savefig(file, dpi=120, format="png")
