"""What was measured, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

COSTS = ("installed", "indexing", "CPU", "peak memory", "on disk", "question p50", "p99", "memory", "opening")
QUALITY = ("nDCG@10", "mAP", "MRR@10", "own language of ten", "fair")


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield tables of what `benchmarks.peers` writes as JSON."""
    machine = found["machine"]
    yield f"{machine['cores']} cores ({machine['cpu']}), Python {machine['python']}."
    yield ""
    yield from _rows(["peer", "versions", "driven as"], _described(found["peers"]))
    yield ""
    yield f"{found['articles']:,} articles:"
    yield ""
    yield from _rows(["peer", *COSTS, "load"], _costs(found["peers"]))
    for name in found["benchmarks"]:
        yield ""
        yield f"{name}, all languages in one pool:"
        yield ""
        yield from _rows(["peer", *QUALITY, "documents", "queries"], _quality(found["peers"], name))


def _rows(heads: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _described(peers: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    for peer in peers:
        install = peer["steps"].get("install", {})
        versions = ", ".join(f"{name} {version}" for name, version in install.get("versions", {}).items())
        problems = [
            f"**{name}: {_short(step['problem'])}**" for name, step in peer["steps"].items() if "problem" in step
        ]
        yield [peer["name"], versions, "; ".join([peer["note"], *problems])]


def _costs(peers: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    for peer in peers:
        install, index, ask = (peer["steps"].get(name, {}) for name in ("install", "index technews", "ask technews"))
        yield [
            peer["name"],
            _said(install.get("install_mb"), "{:,.0f} MB"),
            _said(index.get("seconds"), "{:,.0f} s"),
            _said(index.get("cpu_seconds"), "{:,.0f} s"),
            _said(index.get("peak_mb"), "{:,.0f} MB"),
            _said(index.get("disk_mb"), "{:,.1f} MB"),
            _said(ask.get("p50_ms"), "{:,.1f} ms"),
            _said(ask.get("p99_ms"), "{:,.1f} ms"),
            _said(ask.get("resident_mb"), "{:,.0f} MB"),
            _said(ask.get("open_seconds"), "{:,.1f} s"),
            f"{_said(index.get('load'), '{:.1f}')}, {_said(ask.get('load'), '{:.1f}')}",
        ]


def _quality(peers: Sequence[Mapping[str, Any]], name: str) -> Iterator[list[str]]:
    for peer in peers:
        step = peer["steps"].get(name, {})
        figures = ("ndcg_at_10", "map", "mrr_at_10", "own_share", "fair_share")
        counts = ("documents", "queries")
        yield [
            peer["name"],
            *(_said(step.get(figure), "{:.3f}") for figure in figures),
            *(_said(step.get(count), "{:,}") for count in counts),
        ]


def _said(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _short(problem: str) -> str:
    return problem.splitlines()[-1][:200].replace("|", "/")
