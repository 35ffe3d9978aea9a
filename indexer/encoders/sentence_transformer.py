"""Any sentence-transformers model as an encoder. Imports torch: not for the bundled model's path."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import EncoderError, EncoderSpec, Progress, fingerprint_of, readable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

WINDOW = 256
UNLIMITED_TOKENS = 512


class SentenceTransformerEncoder:
    """A model that the sentence-transformers library can load, with the prompts of its own configuration."""

    def __init__(self, model: SentenceTransformer, spec: EncoderSpec) -> None:
        """Take the parts as they are; `load` makes them."""
        self._model = model
        self._spec = spec

    @classmethod
    def load(
        cls,
        name: str,
        *,
        device: str = "cpu",
        prompts: Mapping[str, str] | None = None,
        label: str | None = None,
    ) -> SentenceTransformerEncoder:
        """Return the model in the folder, or with the hub name, `name`.

        `device` is where it computes, as torch calls it: "cuda", "cuda:1", "mps"; what it computes counts as the same
        everywhere. `prompts` overrides what its configuration says; `label` is the name kept in the index. Raises
        EncoderError where it cannot be loaded, or where there is no such device.
        """
        model = _load(name, device)
        folder = Path(name)
        local = folder.is_dir()
        spec = EncoderSpec(
            model=label or (str(folder.resolve()) if local else name),
            revision=_folder_digest(folder) if local else _commit(model),
            dimension=_dimension(model, name),
            query_prompt=_prompt(prompts or model.prompts, "query"),
            passage_prompt=_prompt(prompts or model.prompts, "passage", "document"),
            max_tokens=int(model.max_seq_length or UNLIMITED_TOKENS),
            fingerprint="",
        )
        facts = spec.to_json() | {"engine": "sentence-transformers"}
        if local:
            # A folder may be moved: what decides is what lies in it.
            facts["model"] = ""
        return cls(model, dataclasses.replace(spec, fingerprint=fingerprint_of(**facts)))

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        return self._spec

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (len(texts), dimension), each row of length 1."""
        return self._encode(texts, self._spec.query_prompt, None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Return float32 (len(texts), dimension), each row of length 1."""
        return self._encode(texts, self._spec.passage_prompt, progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without the prompt and special tokens."""
        if not texts:
            return []
        found = self._model.tokenizer(readable(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in found["input_ids"]]

    def _encode(self, texts: Sequence[str], prompt: str, progress: Progress | None) -> NDArray[np.float32]:
        texts = readable(texts)
        vectors = np.empty((len(texts), self._spec.dimension), np.float32)
        for start in range(0, len(texts), WINDOW):
            window = texts[start : start + WINDOW]
            vectors[start : start + len(window)] = self._model.encode(
                window, prompt=prompt or None, normalize_embeddings=True, show_progress_bar=False
            )
            if progress:
                progress(len(window))
        return vectors


def _load(name: str, device: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    folder = Path(name)
    if folder.exists() and not (folder / "modules.json").is_file():
        raise EncoderError(
            f"{name} is not a sentence-transformers model: it holds no modules.json",
            "Give the folder that SentenceTransformer.save() wrote",
        )
    _check_device(device)
    try:
        return SentenceTransformer(name, device=device)
    except Exception as error:  # the library and the hub client raise a dozen unrelated kinds
        reason = (str(error).splitlines() or [""])[0][:200]
        raise EncoderError(
            f"the model {name!r} cannot be loaded ({type(error).__name__}: {reason})",
            "Check the name; without access to the hub give the folder of a saved model, or leave --model out",
        ) from error


def _check_device(device: str) -> None:
    import torch

    try:
        torch.zeros(1, device=device).cpu()
    except Exception as error:  # what torch raises differs by device and by how it was built
        reason = (str(error).splitlines() or [""])[0][:200]
        raise EncoderError(
            f"there is no device {device!r} to compute on ({reason})",
            "Leave --device out to use the CPU, or install a torch that is built for the device",
        ) from error


def _prompt(prompts: Mapping[str, str], *names: str) -> str:
    return next((prompts[name] for name in names if prompts.get(name)), "")


def _dimension(model: SentenceTransformer, name: str) -> int:
    dimension = model.get_embedding_dimension()
    if not dimension:
        raise EncoderError(f"the model {name!r} does not say how long its vectors are", "Use a dense text model")
    return int(dimension)


def _commit(model: SentenceTransformer) -> str:
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    return str(getattr(config, "_commit_hash", None) or "unknown")


def _folder_digest(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{file.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return total.hexdigest()[:12]
