"""Ctrl-C and SIGTERM: a command leaves within two seconds, with one line and no traceback, whatever it is doing.

Python sees a signal between two of its own steps: not while ONNX Runtime, FAISS or SQLite compute, which may take a
while. So a thread watches for signals, too, and ends the process itself where nobody else has by then.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# What the ordinary way out has, removing what is half-written; the rest of two seconds is for the other.
GRACE = 1.0
_SIGNALS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
_CODE = 128
_OVER = b"\0"


class Interrupted(KeyboardInterrupt):
    """A signal told the process to end."""


class Departure:
    """What is said on the way out, and what is put away where there is no time for the ordinary way.

    A command sets `told` as soon as it has something to say. Both are called in whatever state the process is in.
    """

    def __init__(self) -> None:
        """Have nothing to say, and nothing to put away."""
        self.told: Callable[[], str] = lambda: "nothing was changed"
        self.put_away: Callable[[], None] = lambda: None
        self.signal: int | None = None
        self._claim = threading.Lock()
        self._left = threading.Event()

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Interrupt the main thread, once: it must be able to tidy up however often Ctrl-C is pressed."""
        if self.signal is None:
            self.signal = number
            raise Interrupted

    def say(self, number: int) -> None:
        """Write the one line, if nobody has."""
        if self._claim.acquire(blocking=False):
            line = f"veille: {_SIGNALS[signal.Signals(number)]}: {self.told()}\n"
            # Not through sys.stderr, which the main thread may be in the middle of.
            os.write(2, line.encode(errors="replace"))

    def end(self) -> None:
        """Tell the watching thread that the main thread is out."""
        self._left.set()

    def watch(self, pipe: int) -> None:
        """Read signals from `pipe` until it is over; end the process where the main thread does not."""
        while (byte := os.read(pipe, 1)) not in (b"", _OVER):
            if byte[0] in _SIGNALS and not self._left.wait(GRACE):
                self.put_away()
                if sys.stderr is not None and sys.stderr.isatty():
                    os.write(2, b"\n")  # a progress bar was left standing
                self.say(byte[0])
                os._exit(_CODE + byte[0])


@contextmanager
def leaving(*, last: bool = True) -> Iterator[Departure]:
    """Let SIGINT and SIGTERM end what is done inside with exit code 130 or 143. For the main thread.

    What is done inside is the `last` thing that the process does: signals that come later change nothing any more and
    are ignored. Otherwise they mean afterwards what they meant before.
    """
    departure = Departure()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    watching = threading.Thread(target=departure.watch, args=(reading,), daemon=True)
    watching.start()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, departure.receive)
        yield departure
    except BaseException:
        # Whatever became of the interruption in the code that it went through, it is the reason.
        if departure.signal is None:
            raise
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        departure.say(departure.signal)
        # Nothing is left to tidy up, and shutting Python down takes a while.
        os._exit(_CODE + departure.signal)
    finally:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN if last else before[number])
        signal.set_wakeup_fd(-1)
        departure.end()
        os.write(writing, _OVER)
        watching.join()
        os.close(reading)
        os.close(writing)
