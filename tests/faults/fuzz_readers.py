"""Bends files and feeds them to the readers: `python -m tests.faults.fuzz_readers --seconds 60`.

Atheris (libFuzzer, led by what code is reached) bends small valid files of every format, packed and not. Whatever they
become, only sound articles and errors of sources may come out of the readers. Anything else ends the run with an exit
code that is not 0 and leaves the input that did it in --keep; `--again FILE` feeds that input once more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["corpus", "feedparser", "warcio", "trafilatura"]):
    import feedparser  # noqa: F401
    import trafilatura  # noqa: F401
    import warcio.archiveiterator  # noqa: F401

    from tests.corpus import samples
    from tests.corpus.soundness import found_in

# The first byte of an input chooses the name, and so the reader; no suffix means by content.
NAMES = (*(name + packing for packing in ("", ".gz", ".zst") for name in sorted(samples.files())), "unknown")
LARGEST_INPUT = 1 << 16
SECONDS_EACH = 30
MEGABYTES = 4096


def feed(data: bytes) -> None:
    """Read one input."""
    if data:
        found_in(NAMES[data[0] % len(NAMES)], data[1:])


def seeds() -> Iterator[bytes]:
    """Yield valid inputs."""
    for name, content in samples.files().items():
        for packing, packed in {"": content, **samples.packed(content)}.items():
            yield bytes([NAMES.index(name + packing)]) + packed
        yield bytes([NAMES.index("unknown")]) + content


def main() -> None:
    """Fuzz, or feed one input again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path, default=Path.cwd(), help="folder for an input that fails")
    parser.add_argument("--again", type=Path, help="an input that failed")
    chosen = parser.parse_args()
    if chosen.again:
        feed(chosen.again.read_bytes())
        return
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds()):
            (Path(folder) / f"seed{number}").write_bytes(seed)
        limits = [f"-max_total_time={chosen.seconds}", f"-max_len={LARGEST_INPUT}", f"-timeout={SECONDS_EACH}"]
        kept = [f"-artifact_prefix={chosen.keep}/", f"-rss_limit_mb={MEGABYTES}", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *limits, *kept, folder], feed)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
