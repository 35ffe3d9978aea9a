"""Libraries that start threads of their own."""

from __future__ import annotations

import os

from threadpoolctl import threadpool_limits

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def one_thread_each() -> None:
    """Let BLAS and OpenMP compute with the thread that asks them, in this process and those it starts.

    A server has a thread a processor that answers. Where each asks libraries that share their work out to as many
    threads again, they wait for each other: an answer then takes ten times as long. What the environment says already
    is left as it is.
    """
    told = [name for name in _VARIABLES if name in os.environ]
    for name in _VARIABLES:
        os.environ.setdefault(name, "1")
    if not told:
        # numpy was loaded before and has read its variable; FAISS is loaded later.
        threadpool_limits(1)
