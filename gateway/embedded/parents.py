"""No process outlives the one that owns it, however that one ends.

A child holds the reading end of a pipe whose only writing end is its parent's: when the parent dies, killed or not,
the pipe closes. On Linux the kernel also sends a signal.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

VARIABLE = "NJIA_PARENT_FD"
GRACE = 5.0  # seconds that a child has to end by itself
_PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


def dying_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What a new process runs before its program, so that it gets this signal when we die (on Linux)."""
    parent = os.getpid()

    def prepare() -> None:
        _ask_the_kernel(number)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return prepare


def _ask_the_kernel(number: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))


def watch_parent() -> None:
    """Ends this process when its parent is gone: first politely, then after GRACE seconds at once.

    Does nothing in a process that has no supervisor.
    """
    text = os.environ.pop(VARIABLE, "")
    if text:
        _ask_the_kernel(signal.SIGTERM)
        threading.Thread(target=_watch, args=(int(text),), name="parent", daemon=True).start()


def _watch(pipe: int) -> None:
    os.set_inheritable(pipe, False)
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with all that we have forked
    os._exit(1)
