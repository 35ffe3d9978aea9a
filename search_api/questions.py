"""From the text of a question to what an index is searched with: a vector without its language, words and tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import Encoder
from indexer.errors import EncoderMismatch
from indexer.generation import Generation
from indexer.nearest import Neighbours
from search_api.filters import QUERY
from search_api.fusion import Question
from search_api.highlight import Highlighter, Read
from search_api.queries import clean_query
from search_api.reading import Reading
from search_api.retrieval import NEAREST

_SPECIAL_TOKENS = 2
# Is given the name of a step of answering, and entered and left around it.
Step = Callable[[str], AbstractContextManager[object]]


class Questions:
    """Reads questions to one generation. Threads may share it."""

    def __init__(
        self,
        generation: Generation,
        encoder: Encoder,
        highlighter: Highlighter,
        *,
        dense_only: bool,
        longest: int,
        step: Step,
    ) -> None:
        """`dense_only` leaves words and tokens out; `longest` is in characters.

        Raises EncoderMismatch where the encoder's vectors may not be compared with those of the generation.
        """
        _check_encoder(generation, encoder)
        self._generation = generation
        self._encoder = encoder
        self._highlighter = highlighter
        self._dense_only = dense_only
        self._longest = longest
        self._step = step

    def clean(self, query: str) -> str:
        """Return a question as it is understood. Raises QueryError."""
        return clean_query(query, self._longest)

    def read(self, queries: Sequence[str], near: Sequence[bool] | None = None) -> list[Reading]:
        """Encode clean questions together. `near`: for which ones the nearest passages are looked for (None: all)."""
        with self._step("encode"):
            reads = self._highlighter.read_together(queries)
        wanted = [place for place in range(len(queries)) if near is None or near[place]]
        found: dict[int, Neighbours] = {}
        if wanted:
            with self._step("dense"):
                raw = np.stack([reads[place][0] for place in wanted])
                vectors = self._generation.neutral.questions(raw)
                found = dict(zip(wanted, self._generation.vectors.search(vectors, NEAREST), strict=True))
        return [Reading(query, reads[place], found.get(place)) for place, query in enumerate(queries)]

    def question(
        self, query: str, read: Read, preferred: frozenset[str] = frozenset(), near: Neighbours | None = None
    ) -> Question:
        """Take the language out of a question as it was read, and look up its words."""
        neutral, (raw, tokens) = self._generation.neutral, read
        languages = neutral.languages(raw)
        if QUERY in preferred:
            preferred = frozenset({max(languages, key=languages.__getitem__)})
        vector = neutral.questions(raw[np.newaxis])[0]
        if self._dense_only:
            return Question(vector, preferred=preferred, near=near)
        return Question(vector, self._generation.words.match(query), preferred, tokens, languages, near)

    def absent(self, question: Question, query: str) -> tuple[str, ...]:
        """Return the names with digits and long numbers of a question, whose text is `query`, that no passage holds."""
        match = question.match
        return self._generation.words.absent(query) if match is not None and match.unknown else ()

    def standing(
        self, query: str | None, reading: Reading | None
    ) -> tuple[str | None, Reading | None, Question | None]:
        """Return a question as it is understood, read and searched for; nothing where none is asked.

        Raises QueryError.
        """
        if query is None:
            return None, None, None
        query = self.clean(query)
        reading = reading or self.read([query], near=[False])[0]
        return query, reading, self.question(query, reading.read)

    def notes_on_length(self, query: str, read: Read) -> list[str]:
        """Return what to say of a question, as it was read, of which the encoder does not read all."""
        spec, (_, tokens) = self._encoder.spec, read
        # What was cut off fills all that is read: a question of few tokens need not be cut into them again.
        if tokens is not None and 0 < len(tokens.weights) < spec.max_tokens // 2:
            return []
        length = self._encoder.count_tokens([spec.query_prompt + query])[0] + _SPECIAL_TOKENS
        if length <= spec.max_tokens:
            return []
        return [f"the query has {length:,} tokens; the encoder read the first {spec.max_tokens:,}"]

    def embedded(self, texts: str | Sequence[str]) -> NDArray[np.float32]:
        """Return texts as the encoder embeds questions, their languages left in: float32 (texts, dimension)."""
        listed = [texts] if isinstance(texts, str) else list(texts)
        if not listed:
            return np.empty((0, self._encoder.spec.dimension), np.float32)
        return self._encoder.encode_queries(listed)


def _check_encoder(generation: Generation, encoder: Encoder) -> None:
    built, ours = generation.manifest.encoder, encoder.spec
    if built.fingerprint == ours.fingerprint:
        return
    folder = generation.directory.parent.parent
    model = "" if ours.model == built.model else f" --model {ours.model}"
    raise EncoderMismatch(
        f"the index was built with the encoder {built.model!r} ({built.fingerprint[:8]}), "
        f"the question would be read by {ours.model!r} ({ours.fingerprint[:8]})",
        f"Embed it again: veille index SOURCE... --index {folder}{model}",
        where=str(folder),
    )
