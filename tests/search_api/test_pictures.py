"""Pictures for notebooks: what is on the axes, and that it can be told apart."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from search_api import SearchEngine, pictures


def test_a_heat_map_says_every_cosine(engine: SearchEngine) -> None:
    rows, columns = ["Debian is out", "It rains"], ["Il pleut", "Debian est sorti", "Es regnet"]
    cosines = engine.similarity(rows, columns)
    axes = Figure().subplots()
    pictures.heat_map(axes, cosines, rows, columns, title="Rain")
    assert axes.get_title(loc="left") == "Rain"
    assert [label.get_text() for label in axes.get_yticklabels()] == rows
    assert [label.get_text() for label in axes.get_xticklabels()] == columns
    cells = {text.get_position(): text.get_text() for text in axes.texts}
    assert cells == {(c, r): f"{cosines[r, c]:.2f}" for r in range(2) for c in range(3)}


def test_figures_stand_out_from_their_cells() -> None:
    """Contrast by WCAG 2: at least 4.5 to 1 for text, whatever the cosine."""
    cosines = np.linspace(0.7, 1, 61)[np.newaxis]
    figure = Figure()
    axes = figure.subplots()
    pictures.heat_map(axes, cosines, ["a"], [""] * 61)
    (image,) = axes.images
    cells = [luminance(image.cmap(image.norm(cosine))[:3]) for cosine in cosines[0]]
    written = [1.0 if text.get_color() == "white" else 0.0 for text in axes.texts]
    contrasts = [(max(pair) + 0.05) / (min(pair) + 0.05) for pair in zip(cells, written, strict=True)]
    assert {0.0, 1.0} == set(written)
    assert min(contrasts) >= 4.5


def luminance(colour: tuple[float, ...]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("shape", [(0, 2), (2, 0), (1, 1), (2, 2)])
def test_a_heat_map_of_nothing_or_of_equals_can_be_drawn(shape: tuple[int, int]) -> None:
    figure = Figure()
    axes = figure.subplots()
    pictures.heat_map(axes, np.full(shape, 0.8, np.float32), ["r"] * shape[0], ["c"] * shape[1])
    figure.draw_without_rendering()
    assert [text.get_text() for text in axes.texts] == ["0.80"] * (shape[0] * shape[1])


def test_a_heat_map_of_other_texts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\), the labels \(3, 2\)"):
        pictures.heat_map(Figure().subplots(), np.zeros((2, 3)), ["a", "b", "c"], ["d", "e"])


def test_a_map_has_every_article_under_its_language(engine: SearchEngine) -> None:
    ids, vectors = engine.vectors()
    language = engine.languages()
    languages = [language[article_id] for article_id in ids]
    axes = Figure().subplots()
    pictures.language_map(axes, vectors, languages)
    counts = engine.info().languages
    largest = sorted(counts, key=lambda code: (-counts[code], code))[:7]
    drawn = {str(marks.get_label()): len(marks.get_offsets()) for marks in axes.collections}
    assert drawn == {code: counts[code] for code in largest} | {"other": len(ids) - sum(map(counts.get, largest))}
    looks = {
        (to_hex(marks.get_facecolor()[0]), marks.get_paths()[0].vertices.tobytes()) for marks in axes.collections[:7]
    }
    assert len({colour for colour, _ in looks}) == len({shape for _, shape in looks}) == 7
    assert [axis.get_label_text()[-16:] for axis in (axes.xaxis, axes.yaxis)] == ["% of the variance"[-16:]] * 2


def test_threads_tie_stories_to_their_middle() -> None:
    vectors = np.array([[0.0, 0, 0], [4, 0, 0], [0, 2, 0], [4, 2, 0]])
    axes = Figure().subplots()
    pictures.language_map(axes, vectors, ["fr", "en", "fr", "en"], stories=["a", "a", "b", "b"])
    threads = [np.transpose(line.get_data()) for line in axes.lines]
    assert len(threads) == 4
    assert [middle[0] for middle, _ in threads] == pytest.approx([0] * 4)
    assert sorted(abs(end[0]) for _, end in threads) == pytest.approx([2] * 4)
    assert [middle[1] - end[1] for middle, end in threads] == pytest.approx([0] * 4)


def test_a_map_of_nothing_can_be_drawn() -> None:
    figure = Figure()
    axes = figure.subplots()
    pictures.language_map(axes, np.empty((0, 3), np.float32), [], stories=[])
    figure.draw_without_rendering()
    assert len(axes.collections) == 0


@pytest.mark.parametrize(("languages", "stories"), [(["fr"], None), (["fr", "en"], ["a"])])
def test_a_map_of_other_articles_is_refused(languages: list[str], stories: list[str] | None) -> None:
    with pytest.raises(ValueError, match="for each vector"):
        pictures.language_map(Figure().subplots(), np.eye(2, 3), languages, stories=stories)


def bars(axes: Axes) -> list[dict[np.datetime64, int]]:
    """Return the heights of the bars by the day each begins at, one dict a colour."""
    return [
        {np.datetime64(int(bar.get_x()), "D"): int(bar.get_height()) for bar in container}
        for container in axes.containers
    ]


def test_a_chart_has_a_bar_for_each_month_with_stories(engine: SearchEngine) -> None:
    asked, whole = engine.coverage("annual conference of developers", by="month"), engine.coverage(by="month")
    axes = Figure().subplots()
    pictures.coverage_chart(axes, asked, whole=whole, title="Conferences")
    behind, before = bars(axes)
    assert before == {np.datetime64(bucket.start, "D"): bucket.total for bucket in asked.buckets}
    assert behind == {np.datetime64(bucket.start, "D"): bucket.total for bucket in whole.buckets}
    assert sum(behind.values()) == whole.stories > sum(before.values()) == asked.stories > 5
    assert axes.get_legend_handles_labels()[1] == ["all stories", "annual conference of developers"]
    assert axes.get_ylabel() == "stories in a month"


def test_a_chart_by_day(engine: SearchEngine) -> None:
    asked = engine.coverage(since="2013-05-01", until="2013-05-31", by="day")
    axes = Figure().subplots()
    pictures.coverage_chart(axes, asked)
    (days,) = bars(axes)
    assert np.datetime64("2013-05-04") in days
    assert all(np.datetime64("2013-05-01") <= day <= np.datetime64("2013-05-31") for day in days)


def test_a_chart_of_nothing_can_be_drawn(engine: SearchEngine) -> None:
    figure = Figure()
    axes = figure.subplots()
    pictures.coverage_chart(axes, engine.coverage(until="1990-01-01"))
    figure.draw_without_rendering()
    assert bars(axes) == [{}]


def test_days_are_not_drawn_over_months(engine: SearchEngine) -> None:
    with pytest.raises(ValueError, match="one is by day, the other by month"):
        pictures.coverage_chart(Figure().subplots(), engine.coverage(by="day"), whole=engine.coverage(by="month"))
