"""What decides, beside the articles, what an index holds."""

from __future__ import annotations

from dataclasses import dataclass

from corpus import boilerplate
from indexer import calibration, codes, groups, neutral, words
from indexer.encoder import Encoder, TokenEncoder
from indexer.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Recipe:
    """Where two are equal and no article changed, nothing needs to be built. A version of 0: left out."""

    fingerprint: str
    with_title: bool
    budget: int
    neutral_version: int
    words_version: int
    codes_version: int
    calibration_version: int
    boilerplate_version: int
    groups_version: int
    memory: int

    @classmethod
    def of(
        cls,
        encoder: Encoder,
        *,
        with_title: bool,
        budget: int,
        plain: bool,
        keep_codes: bool,
        keep_boilerplate: bool,
        memory: int,
    ) -> Recipe:
        """Return the recipe of a build with these wishes."""
        return cls(
            encoder.spec.fingerprint,
            with_title,
            budget,
            neutral_version=0 if plain else neutral.VERSION,
            words_version=words.VERSION,
            codes_version=codes.VERSION if keep_codes and isinstance(encoder, TokenEncoder) else 0,
            calibration_version=calibration.VERSION,
            boilerplate_version=0 if keep_boilerplate else boilerplate.VERSION,
            groups_version=groups.VERSION,
            memory=memory,
        )

    @classmethod
    def behind(cls, manifest: Manifest) -> Recipe:
        """Return the recipe that an index was built by."""
        return cls(
            manifest.encoder.fingerprint,
            manifest.with_title,
            manifest.passage_budget,
            manifest.neutral_version,
            manifest.words_version,
            manifest.codes_version,
            manifest.calibration_version,
            manifest.boilerplate_version,
            manifest.groups_version,
            manifest.memory,
        )

    @classmethod
    def again(cls, encoder: Encoder, manifest: Manifest) -> Recipe:
        """Return the recipe of an index that is to be what it was, by today's versions."""
        return cls.of(
            encoder,
            with_title=manifest.with_title,
            budget=manifest.passage_budget,
            plain=not manifest.neutral_version,
            keep_codes=bool(manifest.codes_version),
            keep_boilerplate=not manifest.boilerplate_version,
            memory=manifest.memory,
        )

    @property
    def cutting(self) -> tuple[str, bool, int]:
        """Return what decides how articles are cut into passages, beside boilerplate, which is compared by article."""
        return self.fingerprint, self.with_title, self.budget
