"""Runs a stage of Ray Data over the names of shards."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ray
import ray.data
from tqdm import tqdm

from corpus.errors import VeilleError
from indexer.cluster.errors import ClusterError
from indexer.cluster.shards import Row
from indexer.cluster.work import Batch, Job

Work = Callable[[Batch, Job], Batch] | type
"""A function, or a class of actors, which hold what is long to load."""
KEPT = "What is finished is kept: the same command goes on from there"


def run(
    work: Work, tasks: Sequence[Row], job: Job, *, title: str, quiet: bool, gpus: int = 0
) -> Iterator[tuple[str, int]]:
    """Yield the name of each shard as it is finished, and how many rows it has. Raises ClusterError.

    Of actors as many run as there are cores, or GPUs where each takes some. Ray decides what runs where, and gives a
    task to another machine where one dies.
    """
    if not tasks:
        return
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        stage = _stage(work, tasks, job, gpus)
        with tqdm(total=len(tasks), desc=title, unit=" shards", disable=True if quiet else None) as bar:
            for row in stage.iter_rows():
                if row["failure"]:
                    raise ClusterError(row["failure"], KEPT)
                bar.update()
                yield row["name"], row["rows"]
    except VeilleError:
        raise
    except Exception as error:  # whatever Ray, or a library that a machine lacks, raises
        lines = [line for line in str(error).splitlines() if line.strip()] or [""]
        problem = f"the cluster gave up ({type(error).__name__}: {lines[-1].strip()[:500]})"
        raise ClusterError(problem, f"{KEPT}; the logs of Ray (/tmp/ray) say more") from error


def _stage(work: Work, tasks: Sequence[Row], job: Job, gpus: int) -> ray.data.Dataset:
    data = ray.data.from_items(list(tasks), override_num_blocks=len(tasks))
    if not isinstance(work, type):
        return data.map_batches(work, batch_size=1, fn_kwargs={"job": job}, num_cpus=1)
    most = max(1, min(len(tasks), _units(gpus)))
    how: dict[str, Any] = {"num_gpus": gpus} if gpus else {"num_cpus": 1}
    return data.map_batches(
        work,
        batch_size=1,
        fn_constructor_kwargs={"job": job},
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=most, initial_size=most),
        **how,
    )


def _units(gpus: int) -> int:
    """Return how many actors the cluster has room for."""
    found = ray.cluster_resources()
    return int(found.get("GPU", 0) // gpus if gpus else found.get("CPU", 0))
