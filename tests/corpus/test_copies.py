"""Near-copies are found whatever an outlet does to a text, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from corpus.article import Article
from corpus.copies import centres

WIRE = (
    "The company said on Monday that its new processor will ship in March. Engineers in Dresden spent four years on "
    "the design, which replaces the memory controller. Analysts expect prices to fall by a tenth. Rivals declined to "
    "comment on the announcement. The plant employs 2,400 people and is to grow. A union leader welcomed the plan but "
    "asked for guarantees. Shares rose slightly in early trading. The regional government promised better roads."
)
OTHER = (
    "A committee of the parliament has asked the ministry for an account of last year's outages. Trains stood still "
    "for hours because a signal box failed. The operator blames old cables and wants more money for repairs. "
    "Passengers were given vouchers. An expert thinks that the software was never tested under load."
)
JAPANESE = (
    "同社は月曜日、新しいプロセッサを三月に出荷すると発表した。設計には四年を要し、メモリ制御装置が一新された。"
    "専門家は価格が一割下がるとみている。競合他社は発表についての取材を断った。工場の従業員は今後増える見通しである。"
)
THAI = (
    "บริษัทประกาศเมื่อวันจันทร์ว่าหน่วยประมวลผลรุ่นใหม่จะวางจำหน่ายในเดือนมีนาคม วิศวกรใช้เวลาสี่ปีในการออกแบบ "
    "นักวิเคราะห์คาดว่าราคาจะลดลง คู่แข่งปฏิเสธที่จะแสดงความคิดเห็น โรงงานจะจ้างพนักงานเพิ่มขึ้นในปีหน้า"
)


def article(text: str, name: str = "a", title: str = "", published: str | None = None) -> Article:
    return Article(id=name, text=text, title=title, published=published)


def grouped(articles: Sequence[Article]) -> set[frozenset[str]]:
    found: dict[int, set[str]] = {}
    for place, centre in enumerate(centres(len(articles), lambda number: articles[number])):
        found.setdefault(int(centre), set()).add(articles[place].id)
    return {frozenset(names) for names in found.values() if len(names) > 1}


def replaced(text: str) -> str:
    words = text.split(" ")
    for place in random.Random(3).sample(range(len(words)), len(words) // 20):
        words[place] = "altered"
    return " ".join(words)


EDITS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "case and spacing": lambda text: text.upper().replace(" ", "  \n"),
    "one word of twenty replaced": replaced,
    "a sentence dropped": lambda text: " ".join(text.split(". ")[:2] + text.split(". ")[3:]),
    "a sentence added": lambda text: text.replace(". ", ". Nobody at the ministry could be reached. ", 1),
    "lines of the outlet around it": lambda text: (
        f"By our correspondent, Berlin. {text} Read also: ten gadgets of 2024."
    ),
    "cut after the beginning": lambda text: text[: len(text) // 3],
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_copy_is_found(edit: str) -> None:
    articles = [
        article(WIRE, "wire", "Chips"),
        article(EDITS[edit](WIRE), "copy", "Another title"),
        article(OTHER, "o"),
    ]
    assert grouped(articles) == {frozenset({"wire", "copy"})}


@pytest.mark.parametrize("text", [JAPANESE, THAI])
def test_scripts_without_spaces(text: str) -> None:
    edited = text.replace(text[20:22], "xx", 1)
    assert grouped([article(text, "a"), article(edited, "b"), article(text[: len(text) // 2], "c")]) == {
        frozenset("abc")
    }


def test_a_text_too_short_needs_its_title() -> None:
    same = [article("Read more", "a", "Chips ship in March"), article("read  more!", "b", "CHIPS ship in March")]
    assert grouped([*same, article("Read more", "c", "Trains stand still")]) == {frozenset("ab")}


@pytest.mark.parametrize(
    ("title", "change"),
    [("6.0.6 released", ("2,400", "2,400")), ("", ("2,400", "3,100"))],
    ids=["other number in the title", "other number in the text"],
)
def test_news_of_one_form_are_no_copies(title: str, change: tuple[str, str]) -> None:
    first = article(WIRE, "a", title and "6.0.5 released")
    assert grouped([first, article(WIRE.replace(*change), "b", title)]) == set()


def test_a_number_may_be_mended_on_the_same_days_only() -> None:
    text = f"{WIRE} It has 16 cores, 4 channels, 64 lanes and 128 MB."
    later = text.replace("2,400", "2,500")
    near = [article(text, "a", published="2024-03-01"), article(later, "b", published="2024-03-02T10:00:00Z")]
    assert grouped(near) == {frozenset("ab")}
    assert grouped([near[0], article(later, "b", published="2025-03-01")]) == set()


def test_no_chain_of_parts_joins_different_texts() -> None:
    both = article(f"{WIRE} {OTHER}", "digest")
    groups = grouped([both, article(WIRE, "wire"), article(OTHER, "other")])
    assert frozenset({"digest", "wire", "other"}) not in groups


def test_the_order_does_not_matter() -> None:
    articles = [article(edit(text), f"{name} {text[:5]}") for text in (WIRE, OTHER) for name, edit in EDITS.items()]
    expected = grouped(articles)
    for seed in range(3):
        assert grouped(random.Random(seed).sample(articles, len(articles))) == expected
    assert len(expected) == 2


@pytest.mark.parametrize("count", [0, 1])
def test_few_articles(count: int) -> None:
    assert centres(count, lambda _: article("")).tolist() == list(range(count))
