"""Pictures for notebooks, drawn on the axes of a matplotlib figure that the caller made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from search_api.projection import principal_plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from search_api.coverage import Coverage

# Okabe and Ito's colours, which people with any kind of colour blindness can tell apart, without yellow, which is
# hard to see on white; the shapes tell the languages apart without colours.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_SHAPES = ("o", "^", "s", "D", "v", "P", "X")
_OTHER = "#999999"
_WHOLE = "#CCCCCC"
# How wide a bar is: it leaves a gap to the next.
_DAYS = {"day": 0.8, "month": 25.0}
# From here on white figures stand out more from a cell than black ones; either does by 4.5 to 1.
_DARK = 0.53


def heat_map(
    axes: Axes, cosines: NDArray[np.floating], rows: Sequence[str], columns: Sequence[str], *, title: str = ""
) -> None:
    """Draw `cosines` (len(rows), len(columns)) as cells, the darker the higher, with the figures in them.

    The colours span what is there, not 0 to 1: cosines of one encoder lie in a narrow band. matplotlib's own font
    has no Chinese, Japanese or Korean. Raises ValueError where the shapes do not fit.
    """
    if cosines.shape != (len(rows), len(columns)):
        raise ValueError(f"the cosines are {cosines.shape}, the labels ({len(rows)}, {len(columns)})")
    axes.set_title(title, loc="left")
    axes.set_xticks(range(len(columns)), columns, rotation=35, ha="left", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if not cosines.size:
        return
    axes.imshow(cosines, cmap="cividis_r", aspect="auto")
    low, high = float(cosines.min()), float(cosines.max())
    for row, column in np.ndindex(cosines.shape):
        cosine = float(cosines[row, column])
        dark = high > low and (cosine - low) / (high - low) > _DARK
        axes.text(column, row, f"{cosine:.2f}", ha="center", va="center", color="white" if dark else "black")


def language_map(
    axes: Axes,
    vectors: NDArray[np.floating],
    languages: Sequence[str],
    *,
    stories: Sequence[Hashable] | None = None,
    title: str = "",
) -> None:
    """Draw `vectors` (n, dimension) in the plane in which they differ most, a mark each, by its language (n).

    The languages with the most vectors have a colour and a shape of their own, all others are grey dots. With
    `stories` (n), marks of one story are tied to its middle: short threads are translations that lie together.
    The labels of the axes say how much of all variance they show. Raises ValueError where the lengths differ.
    """
    if not len(vectors) == len(languages) == len(vectors if stories is None else stories):
        raise ValueError("there must be a language, and a story if any, for each vector")
    points, shares = principal_plane(vectors)
    if stories is not None:
        _tie(axes, points, stories)
    by_size = sorted(Counter(languages).items(), key=lambda item: (-item[1], item[0]))
    named = [language for language, _ in by_size[: len(_COLOURS)]]
    codes = np.array(languages, np.str_)
    for language, colour, shape in zip(named, _COLOURS, _SHAPES, strict=False):
        own = points[codes == language]
        axes.scatter(own[:, 0], own[:, 1], s=20, color=colour, marker=shape, label=language, zorder=3)
    others = points[~np.isin(codes, named)]
    if len(others):
        axes.scatter(others[:, 0], others[:, 1], s=9, color=_OTHER, label="other", zorder=2)
    axes.set_title(title, loc="left")
    axes.set_xlabel(f"{shares[0]:.0%} of the variance")
    axes.set_ylabel(f"{shares[1]:.0%} of the variance")
    axes.set_xticks([])
    axes.set_yticks([])
    # So that a step to the right is as far as a step up.
    axes.set_aspect("equal", adjustable="datalim")


def coverage_chart(axes: Axes, coverage: Coverage, *, whole: Coverage | None = None, title: str = "") -> None:
    """Draw a bar for each day or month with stories, as high as they are many.

    `whole`, the coverage of all that might have matched, stands in grey behind: whether a subject is in the news more,
    or all is. Undated stories have no bar. Raises ValueError where one is by day and the other by month.
    """
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, loc="left")
    axes.set_ylabel(f"stories in a {coverage.by}")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis_date()
    if whole is not None:
        if whole.by != coverage.by:
            raise ValueError(f"one is by {coverage.by}, the other by {whole.by}: give both the same `by`")
        _bars(axes, whole, _WHOLE)
    _bars(axes, coverage, _COLOURS[0])


def _bars(axes: Axes, coverage: Coverage, colour: str) -> None:
    # Days since 1970, as matplotlib counts them.
    days = np.array([bucket.start for bucket in coverage.buckets], "datetime64[D]").astype(np.float64)
    totals = [bucket.total for bucket in coverage.buckets]
    label = coverage.query or "all stories"
    axes.bar(days, totals, width=_DAYS[coverage.by], align="edge", color=colour, label=label)


def _tie(axes: Axes, points: NDArray[np.float64], stories: Sequence[Hashable]) -> None:
    members: dict[Hashable, list[int]] = {}
    for place, story in enumerate(stories):
        members.setdefault(story, []).append(place)
    for places in members.values():
        middle = points[places].mean(axis=0)
        for point in points[places]:
            axes.plot(*zip(middle, point, strict=True), color=_OTHER, linewidth=0.6, alpha=0.7, zorder=1)
