"""Which language a text is in, and which language codes mean the same.

Everything in Veille speaks ISO 639-1 ("fr", "de", "zh") or "und" for undetermined. Norwegian is one language
here: `nb` (Bokmål), `nn` (Nynorsk) and `no` all become "no", because feeds write any of the three for the
same pages, and a filter on one of them should not hide the others.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from threading import Lock
from typing import Final

import langcodes
from langcodes.data_dicts import LANGUAGE_ALPHA3
from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNDETERMINED: Final = "und"

# More text does not make the answer better, only slower.
_LOOKED_AT: Final = 1_000
# How far to look for that much text behind addresses and control characters.
_READ_AT_MOST: Final = 8_000
_FEWEST_LETTERS: Final = 2
# A wrong language hides an article from the filter for the right one, so rather none. Costs nothing on whole
# articles, and turns more than half of the mistakes on headlines into "und" (docs/choices.md).
_LEAST_CONFIDENCE: Final = 0.2

_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+")
# Nobody's language.
_UNREADABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]+")
_BARE_CODE: Final = re.compile(r"[A-Za-z]{2,3}")
_LONGEST_TAG: Final = 64

# Parts of a macrolanguage that ISO 639-1 has no code for, and codes for which langcodes prefers a longer one.
_FOLDED: Final = {
    "nb": "no",
    "nn": "no",
    "fil": "tl",
    "sh": "sr",
    "yue": "zh",
    "wuu": "zh",
    "nan": "zh",
    "hak": "zh",
    "gan": "zh",
    "arz": "ar",
    "ary": "ar",
    "sdh": "ku",
    "uzs": "uz",
}
# Valid in BCP 47, but not the name of a language.
_NOT_LANGUAGES: Final = frozenset({"mis", "mul", "zxx"})
# The identifier's word for "no language": code, tables, noise.
_NO_LANGUAGE: Final = "zxx"

_lock: Final = Lock()


def identify(text: str) -> str:
    """Return the ISO 639-1 code of the language `text` is mostly in, or "und".

    Looks at no more than the first thousand readable characters. Never raises: text without letters, broken
    Unicode and anything the identifier is not sure about give "und".
    """
    sample = _readable(text)
    if sum(map(str.isalpha, sample)) < _FEWEST_LETTERS:
        return UNDETERMINED
    label, _ = _identifier().classify(sample)
    return normalise(label)


@lru_cache(maxsize=1024)
def normalise(tag: str) -> str:
    """Return the ISO 639-1 code of a BCP 47 or ISO 639 tag, "und" where there is none.

    "pt-BR" -> "pt", "zh_CN" and "cmn" -> "zh", "FRA" and "fre" -> "fr", "iw" -> "he"; "nb" and "nn" -> "no".
    Never raises.
    """
    tag = tag.strip()
    if not tag.isascii() or len(tag) > _LONGEST_TAG:
        return UNDETERMINED
    try:
        standard = langcodes.standardize_tag(tag, macro=True)
        language = langcodes.Language.get(standard, normalize=False).language or UNDETERMINED
    except ValueError:
        return UNDETERMINED
    language = _FOLDED.get(language, language)
    return language if language in known_languages() else UNDETERMINED


def is_known(code: str) -> bool:
    """Say whether `code` is a bare ISO 639 code (two or three letters, any case) that a filter may be given.

    "und" is one: it finds the articles whose language could not be told. Tags with a region ("pt-BR") are
    not; pass them through `normalise` first.
    """
    if not _BARE_CODE.fullmatch(code):
        return False
    code = code.lower()
    if code in _NOT_LANGUAGES or "qaa" <= code <= "qtz":
        return False
    return code == UNDETERMINED or langcodes.Language.get(code).is_valid()


@cache
def known_languages() -> frozenset[str]:
    """Return the codes `normalise` can give, "und" included."""
    short = (code for code in LANGUAGE_ALPHA3 if len(code) == 2)  # noqa: PLR2004
    # Without the old codes ("iw") and those within another language ("tw").
    current = {code for code in short if langcodes.standardize_tag(code, macro=True) == code}
    return frozenset((current - _FOLDED.keys()) | set(_FOLDED.values()) | {UNDETERMINED})


def _readable(text: str) -> str:
    """Return the first `_LOOKED_AT` characters of `text` that can tell a language."""
    text = _ADDRESS.sub(" ", _UNREADABLE.sub(" ", text[:_READ_AT_MOST]))
    return text.strip()[:_LOOKED_AT]


def _identifier() -> LanguageIdentifier:
    """Return the one identifier of this process; concurrent first calls wait for it."""
    with _lock:
        return _load_identifier()


@cache
def _load_identifier() -> LanguageIdentifier:
    """Load the model from the package, narrowed to what `identify` can answer.

    An own instance, as the library's shared one could be narrowed or widened by others.
    """
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True, min_confidence=_LEAST_CONFIDENCE)
    answers = [label for label in identifier.labels if normalise(label) != UNDETERMINED]
    identifier.set_languages([*answers, _NO_LANGUAGE])
    return identifier
