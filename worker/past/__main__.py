"""``python -m worker.past``: makes up the clients of a demonstration and writes them to its record, once."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from flows.faults import BrokenDefinitions
from gateway import logs
from gateway.embedded.parents import watch_parent
from gateway.embedded.places import EmbeddedError
from gateway.settings import SettingsError, load
from worker.loops import DOWN

KINDNESS = 5  # of the process: whoever dials meanwhile comes first
QUIET = ("njia.outbox", "njia.payments", "njia.sms.console", "njia.surveys")  # what happens in a play is no news

log = logging.getLogger("njia.past")


def main() -> int:
    """The exit code: 0 when the record has all of it."""
    watch_parent()
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)  # its turns are not to be counted among the others
    os.nice(KINDNESS)
    try:
        settings = load()
        logs.configure(settings.log)
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        from worker.past import writing  # noqa: PLC0415 - all that the product has

        asyncio.run(writing.write(settings))
    except (SettingsError, EmbeddedError, BrokenDefinitions) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except DOWN as error:
        log.warning("the past is not written, as a store is down: %s", type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
