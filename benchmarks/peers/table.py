"""What was measured, in Markdown, and where a peer is better than Veille, in so many words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.peers.roster import OURS

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of a step. `best` is what is better of it: "less", "more", or "" where nobody could say."""

    head: str
    step: str
    key: str
    form: str
    best: str = ""

    def value(self, peer: Facts) -> float | None:
        """Return the figure; None where it was not measured."""
        value: float | None = peer["steps"].get(self.step, {}).get(self.key)
        return value

    def said(self, value: float | None) -> str:
        """Return it as the table has it."""
        return "-" if value is None else self.form.format(value)


COSTS = (
    Column("installed", "install", "install_mb", "{:,.0f} MB", "less"),
    Column("indexing", "index technews", "seconds", "{:,.0f} s", "less"),
    Column("CPU for it", "index technews", "cpu_seconds", "{:,.0f} s", "less"),
    Column("its peak memory", "index technews", "peak_mb", "{:,.0f} MB", "less"),
    Column("on disk", "index technews", "disk_mb", "{:,.1f} MB", "less"),
    Column("load then", "index technews", "load", "{:.1f}"),
    Column("opening", "ask technews", "open_seconds", "{:,.1f} s", "less"),
    Column("question p50", "ask technews", "p50_ms", "{:,.1f} ms", "less"),
    Column("question p99", "ask technews", "p99_ms", "{:,.1f} ms", "less"),
    Column("CPU a question", "ask technews", "cpu_ms", "{:,.1f} ms", "less"),
    Column("memory", "ask technews", "resident_mb", "{:,.0f} MB", "less"),
    Column("load then", "ask technews", "load", "{:.1f}"),
)


def quality(name: str) -> tuple[Column, ...]:
    """Return the columns of a benchmark."""
    return (
        Column("nDCG@10", name, "ndcg_at_10", "{:.3f}", "more"),
        Column("mAP", name, "map", "{:.3f}", "more"),
        Column("MRR@10", name, "mrr_at_10", "{:.3f}", "more"),
        Column("own language of ten", name, "own_share", "{:.3f}"),
        Column("fair", name, "fair_share", "{:.3f}"),
        Column("documents", name, "documents", "{:,}"),
        Column("queries", name, "queries", "{:,}"),
    )


def lines(found: Facts) -> Iterator[str]:
    """Yield tables of what `benchmarks.peers` writes as JSON."""
    machine, peers = found["machine"], found["peers"]
    yield f"{machine['cores']} cores ({machine['cpu']}), Python {machine['python']}."
    yield f"All but Veille need the weights besides what is installed: {found['weights_mb']:,} MB."
    yield ""
    yield from _rows(["peer", "versions", "driven as"], _described(peers))
    threads = f" ({found['threads']} thread each)" if found["threads"] else ""
    yield from _compared(f"{found['articles']:,} articles of technews{threads}:", peers, COSTS)
    for name in found["benchmarks"]:
        yield from _compared(f"{name}, all languages in one pool:", peers, quality(name))


def _compared(title: str, peers: Sequence[Facts], columns: Sequence[Column]) -> Iterator[str]:
    if all(column.value(peer) is None for peer in peers for column in columns):
        return
    yield from ("", title, "")
    rows = ([peer["name"], *(column.said(column.value(peer)) for column in columns)] for peer in peers)
    yield from _rows(["peer", *(column.head for column in columns)], rows)
    ours = next((peer for peer in peers if peer["name"] == OURS), None)
    better = [sentence for column in columns if ours for sentence in _better(column, ours, peers)]
    if better:
        yield from ("", *better)


def _better(column: Column, ours: Facts, peers: Sequence[Facts]) -> Iterator[str]:
    bar = column.value(ours)
    if bar is None or not column.best:
        return
    sign = -1 if column.best == "less" else 1
    ahead = []
    for peer in peers:
        value = column.value(peer)
        # What the table shows as the same is no better.
        if value is not None and sign * (value - bar) > 0 and column.said(value) != column.said(bar):
            ahead.append(f"{peer['name']} {column.said(value)}")
    if ahead:
        yield f"- {column.head}: {', '.join(ahead)} where Veille has {column.said(bar)}"


def _rows(heads: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _described(peers: Sequence[Facts]) -> Iterator[list[str]]:
    for peer in peers:
        install = peer["steps"].get("install", {})
        versions = ", ".join(f"{name} {version}" for name, version in install.get("versions", {}).items())
        failed = {name: step["problem"] for name, step in peer["steps"].items() if "problem" in step}
        problems = [f"**{name}: {_short(problem)}**" for name, problem in failed.items()]
        yield [peer["name"], versions, "; ".join([peer["note"], *problems])]


def _short(problem: str) -> str:
    return problem.splitlines()[-1][:200].replace("|", "/")
