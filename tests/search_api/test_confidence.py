"""Whether a question was answered, and how sure a hit is: on the sample corpus, in several languages."""

from __future__ import annotations

import numpy as np
import pytest

from search_api import SearchEngine
from search_api.confidence import confidence

ANSWERED = (
    "qui menace Microsoft",
    "who threatens Microsoft",
    "wer droht Microsoft",
    "谁威胁微软",
    "кто угрожает Microsoft",
    "When was Debian 7.0 released?",
    "Quelle est la position de Debian sur les brevets logiciels ?",
    "failles de sécurité",
)
UNANSWERED = (
    "how to cook rice",
    "capital of Australia",
    "qui a gagné la coupe du monde 1998",
    "Wie viele Monde hat der Jupiter?",
    "рецепт борща",
    "最高法院",
    "symptoms of diabetes",
    # Numbers of the kind that the corpus is full of, but none that it holds.
    "CVE-2021-44228",
    "Que sait-on de CVE-2021-44228 ?",
    "Debian GNU/Linux 5.0.99",
    "Debian と RTX9090",
    # Who is named stands there; what is asked of it does not.
    "Microsoft vaccine trial results",
)


@pytest.mark.parametrize("query", ANSWERED)
def test_what_the_corpus_answers(engine: SearchEngine, query: str) -> None:
    results = engine.search(query, 5)
    assert results.answered is True
    assert max(hit.confidence or 0.0 for hit in results) > 0.4


@pytest.mark.parametrize("query", UNANSWERED)
def test_what_it_does_not_answer_still_has_the_nearest_hits(engine: SearchEngine, query: str) -> None:
    results = engine.search(query, 5)
    assert results.answered is False
    assert len(results) == 5
    assert all(hit.confidence is not None and hit.confidence < 0.4 for hit in results)


def test_names_that_no_passage_holds_are_told_whether_or_not_it_answers(engine: SearchEngine) -> None:
    alone = engine.search("Que sait-on de CVE-2021-44228 ?", 1)
    assert (alone.answered, alone.absent) == (False, ("CVE-2021-44228",))
    assert alone.unanswered == "Nothing in this index names CVE-2021-44228. What comes nearest:"
    beside = engine.search("Elon Musk menace de poursuivre Microsoft en justice pour RTX9090", 1)
    assert (beside.answered, beside.absent) == (True, ("RTX9090",))
    assert beside.unanswered == "Nothing in this index names RTX9090."
    known = engine.search("qui menace Microsoft", 1)
    assert (known.absent, known.unanswered) == ((), "")


@pytest.mark.parametrize("query", ["?", "🚀", "… !"])
def test_marks_alone_ask_nothing(engine: SearchEngine, query: str) -> None:
    results = engine.search(query, 3)
    assert results.answered is False
    assert [hit.confidence for hit in results] == [0.0, 0.0, 0.0]


def test_where_nothing_may_answer_nothing_does(engine: SearchEngine) -> None:
    results = engine.search("qui menace Microsoft", since="2099-01-01")
    assert (results.answered, len(results)) == (False, 0)


def test_a_filter_leaves_only_what_does_not_answer(engine: SearchEngine) -> None:
    assert engine.search("qui menace Microsoft", 3, lang="fr").answered is True
    question = "wer bedroht Microsoft mit einer Klage"
    of_all, of_some = (engine.search(question, 1, lang=lang)[0].confidence for lang in ((), "pl"))
    assert of_all is not None
    assert of_some is not None
    assert of_some < of_all


def test_articles_that_are_alike_answer_nothing(engine: SearchEngine) -> None:
    results = engine.similar("musk-menace-microsoft", 2)
    assert results.answered is None
    assert [hit.confidence for hit in results] == [None, None]


def test_more_evidence_is_more_confidence() -> None:
    found = confidence(np.array([-np.inf, -3.0, 0.0, 3.0, np.inf]))
    assert (np.diff(found) > 0).all()
    assert found[0] == 0
    assert found[-1] == 1
    # 1 / (1 + exp(1.1))
    assert found[2] == pytest.approx(0.250, abs=1e-3)
