"""The plane that vectors are drawn in."""

from __future__ import annotations

import numpy as np
import pytest

from search_api import SearchEngine
from search_api.projection import principal_plane


def test_by_hand() -> None:
    """A rectangle of 6 by 2 in a space of three: its sides are the axes, 9 / 10 and 1 / 10 of the variance."""
    corners = np.array([[4.0, 8, 8], [4, 8, 10], [10, 8, 8], [10, 8, 10]])
    points, shares = principal_plane(corners)
    assert np.abs(points) == pytest.approx(np.array([[3, 1]] * 4))
    assert shares == pytest.approx((0.9, 0.1))


def test_an_axis_points_where_its_farthest_point_is() -> None:
    line = np.array([[-1.0, 0], [0, 0], [4, 0]])
    assert principal_plane(line)[0][:, 0] == pytest.approx([-2, -1, 3])
    assert principal_plane(-line)[0][:, 0] == pytest.approx([-2, -1, 3])


def test_it_shows_as_much_as_any_plane_can(engine: SearchEngine) -> None:
    """Singular values say how much that is."""
    _, vectors = engine.vectors()
    points, shares = principal_plane(vectors)
    values = np.linalg.svd(vectors - vectors.mean(axis=0, dtype=np.float64), compute_uv=False)
    assert points.shape == (len(vectors), 2)
    assert (points**2).sum(axis=0) == pytest.approx(values[:2] ** 2, rel=1e-5)
    assert shares == pytest.approx(values[:2] ** 2 / (values**2).sum(), rel=1e-5)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_to_differ(count: int) -> None:
    points, shares = principal_plane(np.ones((count, 3), np.float32))
    assert points.tolist() == [[0, 0]] * count
    assert shares == (0, 0)


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_what_has_no_plane_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="dimension of 2 or more"):
        principal_plane(np.ones(shape))
