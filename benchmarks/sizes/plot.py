"""Latency and memory against the number of passages, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

_LABELS = {"exact": "exact, float32", "ladder": "Veille", "little memory": "Veille, --memory 500MB"}


def plot(found: Sequence[dict[str, Any]], stores: Sequence[dict[str, Any]], file: Path) -> None:
    """Write a PNG of what was `found`, beside what benchmarks.stores found of others. Raises OSError."""
    figure = Figure(figsize=(10.5, 4), layout="constrained")
    latency, memory = figure.subplots(1, 2)
    for name, label in _LABELS.items():
        own = [one for one in found if one["name"] == name]
        rows = [one["rows"] for one in own]
        latency.plot(rows, [one["filters"]["none"]["p50"] for one in own], marker="o", label=label)
        memory.plot(rows, [one["memory"] / 1e6 for one in own], marker="o", label=label)
    for name in dict.fromkeys(one["name"] for one in stores):
        own = [one for one in stores if one["name"] == name]
        rows = [one["rows"] for one in own]
        latency.plot(rows, [one["p50"] for one in own], marker=".", linestyle="--", label=name)
        memory.plot(rows, [one["memory"] / 1e6 for one in own], marker=".", linestyle="--", label=name)
    for axes, title, unit in ((latency, "ten nearest, one core, median", "ms"), (memory, "memory after 1,000", "MB")):
        axes.set(xscale="log", yscale="log", title=title, xlabel="passages", ylabel=unit)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.grid(alpha=0.3)
    figure.legend(*latency.get_legend_handles_labels(), loc="outside right center")
    figure.savefig(file, dpi=130)
