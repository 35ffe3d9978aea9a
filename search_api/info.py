"""What an index holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.breadth import Breadth
    from indexer.generation import Generation
    from indexer.left_out import SourceBoilerplate
    from indexer.manifest import Verified


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """Facts of the served generation. `languages`, `sources` and `categories` ("" is none) count articles.

    `vectors` is their kind; `breadth` says how many are compared for a question and which part of the nearest is found
    so, and is None where all are. `vectors_bytes`: the memory that they take while they are searched; `memory`: what
    they may take, 0 for no limit. `first` and `last`: dates of publication, None where no article has one.
    `bytes`: those of each file. `lean`: it keeps no codes of tokens. `verified`: what it had to pass before it was
    served. `boilerplate` says by source what is in no passage, and is None where the build was to keep it.
    """

    build: str
    created: str
    model: str
    revision: str
    fingerprint: str
    dimension: int
    vectors: str
    breadth: Breadth | None
    vectors_bytes: int
    memory: int
    with_title: bool
    passage_budget: int
    articles: int
    passages: int
    split_sentences: int
    groups: int
    copies: int
    translations: int
    lean: bool
    verified: Verified
    languages: dict[str, int]
    sources: dict[str, int]
    categories: dict[str, int]
    first: str | None
    last: str | None
    boilerplate: dict[str, SourceBoilerplate] | None
    bytes: dict[str, int]

    @classmethod
    def of(cls, generation: Generation) -> IndexInfo:
        """Take them from the manifest, and what it does not hold from the articles."""
        manifest = generation.manifest
        first, last = generation.facts.dates()
        return cls(
            build=manifest.build,
            created=manifest.created,
            model=manifest.encoder.model,
            revision=manifest.encoder.revision,
            fingerprint=manifest.encoder.fingerprint,
            dimension=manifest.encoder.dimension,
            vectors=manifest.vector_kind,
            breadth=manifest.vector_breadth,
            vectors_bytes=manifest.vectors_bytes,
            memory=manifest.memory,
            with_title=manifest.with_title,
            passage_budget=manifest.passage_budget,
            articles=manifest.articles,
            passages=manifest.passages,
            split_sentences=manifest.split_sentences,
            groups=manifest.groups,
            copies=manifest.copies,
            translations=manifest.translations,
            lean=generation.codes is None,
            verified=manifest.verified,
            languages=dict(manifest.languages),
            sources=dict(manifest.sources),
            categories=generation.facts.tally("category"),
            first=first,
            last=last,
            boilerplate=dict(manifest.boilerplate) if manifest.boilerplate_version else None,
            bytes={name: file.bytes for name, file in sorted(manifest.files.items())},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self)
