"""What comes back for a question: one hit an article, its best passages inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from search_api.errors import NotebookError

if TYPE_CHECKING:
    import pandas

    from search_api.explanation import Explanation

_NAMED = 4
Kind = Literal["copy", "translation"]


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage: article.text[start:end], in code points.

    `score`: cosine with the question, languages taken out, and what shared words and near tokens add; a reranker's
    where there is one.
    """

    id: str
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Highlight:
    """The sentence that answers best: article.text[start:end], in code points."""

    text: str
    start: int
    end: int

    def within(self, passage: PassageHit) -> tuple[int, int] | None:
        """Return where it stands in the text of a passage, in code points; None where that does not hold it."""
        if passage.start <= self.start and self.end <= passage.end:
            return self.start - passage.start, self.end - passage.start
        return None


@dataclass(frozen=True, slots=True)
class Citation:
    """How to cite a hit: the build and the model that found it, SHA-256 of what the article said, and where.

    `permalink` leads to the quoted words on the article's page, or, for an article without one, to the page of the
    service with the article open, relative to its address. `start` and `end`: of the highlight, or else of the best
    passage.
    """

    build: str
    model: str
    revision: str
    content_hash: str
    permalink: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article that says the same as a hit: `kind` is "copy" for the same text, "translation" for another."""

    article_id: str
    source: str
    lang: str
    title: str
    url: str | None
    published: str | None
    kind: Kind

    @property
    def heading(self) -> str:
        """Return what to show where a title is expected."""
        return self.title or self.article_id


@dataclass(frozen=True, slots=True)
class Hit:
    """An article. `score` is that of its best passage, which comes first; `title` may be empty.

    `highlight` is the sentence of the best passage that answers best, `confidence` the probability, 0 to 1, that the
    article answers; both None where nothing was asked. `copies` are the other articles of its group, earliest
    first, whether or not they pass the filters. `explanation` says why it scores what it does, where that was asked.
    """

    article_id: str
    title: str
    source: str
    published: str | None
    lang: str
    url: str | None
    score: float
    passages: tuple[PassageHit, ...]
    citation: Citation
    highlight: Highlight | None = None
    confidence: float | None = None
    copies: tuple[Copy, ...] = ()
    category: str | None = None
    explanation: Explanation | None = None

    @property
    def sureness(self) -> str:
        """Return the confidence in words; nothing where there is none. It never is more than 99%."""
        return "" if self.confidence is None else f"{min(self.confidence, 0.99):.0%} sure"

    @property
    def also_in(self) -> str:
        """Return where else it stands, shortened: "also in: de Heise, en The Verge and 3 more"; nothing if nowhere."""
        named = [f"{copy.lang} {copy.source or copy.heading}" for copy in self.copies[:_NAMED]]
        more = len(self.copies) - len(named)
        return f"also in: {', '.join(named)}" + (f" and {more:,} more" if more else "") if named else ""

    @property
    def heading(self) -> str:
        """Return what to show where a title is expected."""
        return self.title or self.source or "(untitled)"


@dataclass(frozen=True, slots=True)
class Results:
    """The hits, best first. `query` is the question as it was understood, or an article's id for its likes.

    `answered` says whether any hit seems to answer; None where nothing was asked. `notes` are sentences on why there
    may be fewer hits than expected, or on what was not read. `absent` are the names with digits and the long numbers of
    the question that no passage holds, as they are written there.
    """

    query: str
    hits: tuple[Hit, ...]
    build: str
    seconds: float
    notes: tuple[str, ...] = ()
    answered: bool | None = None
    absent: tuple[str, ...] = ()

    @property
    def unanswered(self) -> str:
        """Return what to say above hits that do not seem to answer, or lack what was named; nothing where none do."""
        lacking = f"Nothing in this index names {' or '.join(self.absent)}." if self.absent else ""
        if not self.hits or self.answered is not False:
            return lacking
        return f"{lacking or 'Nothing in this index seems to answer.'} What comes nearest:"

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def __getitem__(self, place: int) -> Hit:
        return self.hits[place]

    def to_json(self) -> dict[str, Any]:
        """Return what `veille search --json` prints and GET /search answers."""
        from pydantic_core import to_jsonable_python

        found: dict[str, Any] = to_jsonable_python(self)
        return found

    def to_frame(self) -> pandas.DataFrame:
        """Return a pandas frame, one row a passage. `highlight` is None but for the passage that holds it.

        Raises NotebookError where pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise NotebookError("pandas is not installed", 'Install it: pip install "veille[notebook]"') from error
        return pd.DataFrame(
            [_row(rank, hit, passage) for rank, hit in enumerate(self, 1) for passage in hit.passages],
            columns=list(_COLUMNS),
        )

    def _repr_html_(self) -> str:
        from search_api.notebook import results_html

        return results_html(self)


_COLUMNS = (
    "rank",
    "article_id",
    "title",
    "source",
    "published",
    "lang",
    "url",
    "category",
    "score",
    "passage",
    "start",
    "end",
    "passage_score",
    "passage_id",
    "highlight",
    "confidence",
    "copies",
)


def _row(rank: int, hit: Hit, passage: PassageHit) -> tuple[Any, ...]:
    about = (hit.article_id, hit.title, hit.source, hit.published, hit.lang, hit.url, hit.category, hit.score)
    highlight = hit.highlight.text if hit.highlight and hit.highlight.within(passage) else None
    return (
        rank,
        *about,
        passage.text,
        passage.start,
        passage.end,
        passage.score,
        passage.id,
        highlight,
        hit.confidence,
        tuple(copy.article_id for copy in hit.copies),
    )
