"""Where the CPU of a turn goes: ``python -m bench --profile``, with py-spy, found beside Python or on the PATH.

A sample counts for the innermost part that it names, so that a library's time is its own wherever it is called from.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from bench.calling import Stuck, callers
from bench.ground import Ground, scratch
from bench.houses import Plan, apart, house
from bench.many import Many
from bench.measuring import Effort, Note, measured
from bench.table import Found, Table
from bench.talks import TURN, job

# What a frame's file or function is part of, the first that fits; a frame that fits none is its caller's.
PARTS = (
    ("the line in the log", r"gateway/(logs|access)|/logging/"),
    ("Valkey: the look and the commit", r"gateway/(looking|store/(?!state|keys))|/redis/|hiredis"),
    ("the record: SQLAlchemy, asyncpg", r"/sqlalchemy/|/asyncpg/"),
    ("the record: statements and rows", r"gateway/record/"),
    ("what the accounts come to", r"flows/products/|adapters/banks/|flows/sources/"),
    ("words and pages", r"flows/words/|flows/screens/|gateway/telling|/jinja2/"),
    ("the request: form, numbers, adapter", r"adapters/|/phonenumbers/|urllib/parse"),
    ("the new state and the journal entry", r"gateway/(recording|journal|place|store/)|flows/session"),
    ("opening the session", r"gateway/opening"),
    ("the engine", r"flows/"),
    ("metrics", r"gateway/metrics|/prometheus_client/"),
    ("our own web code", r"gateway/web/"),
    ("the turn itself: gate, deadline, act", r"gateway/"),
    ("aiohttp, httptools, uvloop, asyncio", r"/aiohttp/|/multidict/|/yarl/|uvloop|asyncio|httptools"),
)
WAITING = "gateway/embedded/parents"  # a thread that only waits, which py-spy takes for busy
RATE = 400  # samples a second


def profile(ground: Ground, effort: Effort, note: Note) -> Found:
    """Shares of the parts in the CPU of the gateway while it takes full turns."""
    beside = Path(sys.executable).with_name("py-spy")
    spy = str(beside) if beside.exists() else shutil.which("py-spy")
    if not spy:
        raise Stuck("py-spy is not there. Any way to install it will do: pip install py-spy.")
    seconds, plan = int(max(2, 3 * effort.seconds)), Plan(Many(effort.clients, effort.clients), scribe=True)
    with scratch() as folder, callers() as phones, house(ground, plan) as one:
        apart([one], phones.pids)
        measured(one, phones, job(one, TURN, 1.0, effort.phones))
        words = [spy, "record", "--format", "raw", "--full-filenames", "--output", str(folder / "raw")]
        words += ["--rate", str(RATE), "--duration", str(seconds), "--pid", str(one.gateways[0])]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as spying:
            measured(one, phones, job(one, TURN, seconds + 1.0, effort.phones))
            spying.wait()
        shares = _shares((folder / "raw").read_text())
    rows = [(part, f"{share:.1%}") for part, share in shares.most_common()]
    return Found(dict(shares), [Table("profile", "Where the CPU of a turn goes", ("part", "share"), rows)])


def _shares(raw: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        if WAITING in stack:
            continue
        counts[_part(stack.split(";"))] += int(count)
    return Counter({part: count / counts.total() for part, count in counts.items()})


def _part(stack: list[str]) -> str:
    for frame in reversed(stack):
        for part, fits in PARTS:
            if re.search(fits, frame):
                return part
    return "the rest"
