"""Numbers and names that a translation keeps."""

from __future__ import annotations

import pytest

from corpus.evidence import names, numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000 and 1.000 and 1 000 and 1\u00a0000", {"1000"}),
        ("2,5 % or 2.5%", {"2.5"}),
        ("Ruby 3.11.7", {"3.11.7"}),
        ("2015-03-12, 10:30", {"2015", "3", "12", "10", "30"}),
        ("１２ and ١٢", {"12"}),
        ("CVE-2014-0160", {"2014", "160"}),
        ("none", set()),
    ],
)
def test_numbers(text: str, expected: set[str]) -> None:
    assert numbers(text) == expected


def test_names() -> None:
    assert names("Élise uses apt-get on Debian") == {"elise", "apt-get", "apt", "get", "debian"}
    assert names("マイクロソフトは linux を Azure で提供している") == {"linux", "azure"}
