"""Train the adapter: python -m training [FOLDER] (make adapter).

FOLDER (default: build/adapter) gets the state, from which a run that was stopped goes on, the log, its plot, what was
trained (trained.npz), and adapter.npz, which holds a share of it. Training goes on from what was learnt before, which
lies beside this file (trained.npz). The shared technews must be there (VEILLE_SHARED, default ../shared).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpus.errors import VeilleError
from training.course import Plan
from training.finish import SHARE, finish

LEARNT = Path(__file__).with_name("trained.npz")


def main() -> None:
    """Read what was asked for; train."""
    plan = Plan()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/adapter"))
    parser.add_argument("--steps", type=int, default=plan.steps, help="how many steps (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=plan.rate, help="highest learning rate (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=plan.seed, help="default: %(default)s")
    parser.add_argument(
        "--check-every", type=int, default=plan.check_every, help="steps between checks (default: %(default)s)"
    )
    parser.add_argument(
        "--share", type=float, default=SHARE, help="how much of what was learnt is kept (default: %(default)s)"
    )
    parser.add_argument("--anew", action="store_true", help="forget what was learnt before")
    given = parser.parse_args()
    try:
        train(given.folder, Plan(given.steps, given.rate, given.seed, given.check_every, given.anew), given.share)
    except (VeilleError, OSError, ValueError) as error:
        sys.exit(f"training: {error}")


def train(folder: Path, plan: Plan, share: float) -> None:
    """Train by `plan` in `folder`, and keep a `share` of it.

    Raises ValueError and VeilleError where something is missing or does not fit.
    """
    import torch

    from indexer.encoders.adapter import Adapter
    from training.checks import Checks
    from training.course import LOG, TRAINED, Course
    from training.exchanges import Exchanges
    from training.losses import ALONE, Lessons, Neutral
    from training.news import News
    from training.plot import save_curves
    from training.roles import Roles
    from training.student import Student

    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    student = Student.load()
    if not plan.anew:
        student.go_on_from(Adapter.load(LEARNT))
    news = News.read(student.count_tokens)
    roles = Roles.read(news.sentence)
    neutral = Neutral.measured(student, news)
    lessons = Lessons(
        student, roles, Exchanges.read(news), news, neutral, seed=plan.seed, alone=ALONE if plan.anew else 0
    )
    # They are the same whatever the news around: what is kept apart is compared from run to run.
    checks = Checks(Roles.read(), news, neutral)
    Course(student, lessons, checks, plan, folder).run()
    save_curves(folder / LOG, folder / "curves.png")
    finish(folder / TRAINED, folder / "adapter.npz", share)


if __name__ == "__main__":
    main()
