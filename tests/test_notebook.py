"""The notebook runs from top to bottom and shows what it says; what is kept of it can be read without running it."""

from __future__ import annotations

import io
import re

import nbformat
import pandas as pd
import pytest
from nbformat import NotebookNode

from notebooks.execute import IMAGES, NOTEBOOK, execute, pictures

ELSEWHERE = re.compile(r"/(?:tmp|home|root|work|usr)/")


@pytest.fixture(scope="module")
def executed() -> NotebookNode:
    """Return the notebook as it comes out of a new run."""
    return execute(NOTEBOOK)


@pytest.fixture(scope="module")
def kept() -> NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def shown(notebook: NotebookNode, cell_id: str) -> str:
    """Return all that a cell shows as text or HTML."""
    (cell,) = [cell for cell in notebook.cells if cell.id == cell_id]
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/html") or "" for output in cell.get("outputs", [])
    )


# ipykernel starts an event loop and sockets of its own, and leaves closing them to the interpreter.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_a_question_finds_the_passage_in_any_language(executed: NotebookNode) -> None:
    assert "<mark>Elon Musk menace d’intenter une action en justice contre Microsoft" in shown(executed, "search")
    assert shown(executed, "languages").count("-> musk-menace-microsoft") == 3
    assert shown(executed, "unanswered").startswith("False")


def test_the_frame_has_what_was_asked_for(executed: NotebookNode) -> None:
    (frame,) = pd.read_html(io.StringIO(shown(executed, "frame")), flavor="lxml")
    assert len(frame) == 5
    assert set(frame["lang"]) <= {"es", "fr"}
    assert frame["published"].min() >= "2014-01-01"
    assert (frame["translations"] > 0).any()


def test_translations_are_the_nearest_of_their_row(executed: NotebookNode) -> None:
    same_low, _, apart_low, apart_high = map(float, re.findall(r"\d\.\d\d", shown(executed, "heat-figures")))
    assert same_low > apart_high > apart_low > 0.5


def test_the_map_shows_languages_before_and_stories_after(executed: NotebookNode) -> None:
    (table,) = pd.read_html(io.StringIO(shown(executed, "map-figures")), flavor="lxml", index_col=0)
    shares = table.map(lambda share: int(share.removesuffix("%")))
    before, after = shares["as encoded"], shares["languages taken out"]
    by_chance = int(re.search(r"(\d+)% of the time", shown(executed, "map-figures"))[1])
    for row in ("nearest article is in the same language", "ten nearest are in the same language"):
        assert before[row] > 1.5 * by_chance
        assert after[row] <= by_chance
    assert before["nearest article is a translation"] < 90
    assert after["nearest article is a translation"] > 95


def test_the_likes_are_in_the_language_asked_for(executed: NotebookNode) -> None:
    likes = shown(executed, "similar")
    assert "DebConf18 closes in Hsinchu" in likes
    assert re.findall(r"\d\.\d{3} · \d{4}-\d\d-\d\d · (\w\w)", likes) == ["fr"] * 3
    assert "Clôture de DebConf 17 à Montréal" in likes


def test_the_conference_is_covered_every_summer(executed: NotebookNode) -> None:
    months = re.findall(r"<th>(\d{4})-(\d\d)</th>", shown(executed, "coverage-figures"))
    assert {int(year) for year, month in months if month in {"07", "08"}} == set(range(2012, 2019))


def test_every_picture_is_drawn(executed: NotebookNode, kept: NotebookNode) -> None:
    assert list(pictures(executed)) == list(pictures(kept)) == ["heat", "map", "coverage"]


def test_what_is_kept_is_a_whole_run_without_a_trace_of_the_machine(kept: NotebookNode) -> None:
    cells = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not {output.output_type for output in outputs} - {"stream", "execute_result", "display_data"}
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert not ELSEWHERE.search("".join(str(output) for output in outputs if "image/png" not in output.get("data", {})))
    assert NOTEBOOK.stat().st_size < 1_000_000


def test_the_pictures_in_the_docs_are_those_of_the_notebook(kept: NotebookNode) -> None:
    text = (IMAGES.parent / "notebook.md").read_text(encoding="utf-8")
    for name, content in pictures(kept).items():
        assert (IMAGES / f"notebook-{name}.png").read_bytes() == content
        assert re.search(rf"!\[.{{40,}}\]\(images/notebook-{name}\.png\)", text), (
            "a picture says in words what it shows"
        )
