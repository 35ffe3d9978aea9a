"""The bundled encoder's tokenizer: the pieces in the weights file as a `tokenizers` Unigram model."""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from indexer.encoders.weights import Weights

SPECIAL = {"<s>": 0, "</s>": 2}
UNKNOWN = 3


def make_tokenizer(weights: Weights) -> Tokenizer:
    """Return the tokenizer of XLM-RoBERTa as the model was trained with.

    Nmt and NFKC normalisation and one space for a run of them, Metaspace before every word, and
    `<s> text </s>` around every text.
    """
    vocabulary = [
        (piece.decode("utf-8"), float(score)) for piece, score in zip(weights.pieces, weights.scores, strict=True)
    ]
    tokenizer = Tokenizer(models.Unigram(vocabulary, UNKNOWN, False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=list(SPECIAL.items()))
    return tokenizer
