"""The curves of a training run as a picture."""

from __future__ import annotations

import json
from pathlib import Path


def save_curves(log: Path, picture: Path) -> None:
    """Draw what a log says: losses, and how the kept verbs and stories are told."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    steps = [entry["step"] for entry in entries]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for name in entries[0]:
        if name.startswith("loss_"):
            left.plot(steps, [entry[name] for entry in entries], label=name.removeprefix("loss_").replace("_", " "))
    left.set(title="Losses", xlabel="step", yscale="log")
    right.plot(steps, [entry["roles"] for entry in entries], label="roles: accuracy, verbs not trained on")
    right.plot(steps, [entry["stories"] for entry in entries], label="stories: mAP, stories not trained on")
    right.set(title="Kept apart", xlabel="step", ylim=(0.4, 1))
    for axes in (left, right):
        axes.legend()
        axes.grid(alpha=0.3)
    figure.savefig(picture, dpi=110)
    plt.close(figure)
