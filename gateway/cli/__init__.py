"""``njia``: every command, each imported only when it is run, so that ``--help`` is at once there."""

from __future__ import annotations

import sys

from gateway.cli.common import Lazy, Problem, told

ABOUT = """A messaging and USSD channel gateway for microfinance institutions.

\b
  njia demo                     everything at once, with a sample institution
  njia init my-institution      a folder of your own to start from
  njia --home my-institution doctor

Settings come from njia.toml in the home and from NJIA_<SECTION>__<KEY> in the environment: njia config show.
Exit codes: 0 good, 1 found problems, 2 wrong usage.
"""

COMMANDS = {
    "demo": ("gateway.cli.demo:demo", "Start everything with a sample institution."),
    "init": ("gateway.cli.init:init", "Write a starting home, never over what is there."),
    "serve": ("gateway.cli.serve:serve", "Serve clients: the gateway and, beside it, the worker."),
    "worker": ("gateway.cli.worker:worker", "Run what may be late: scribe, schedules, jobs."),
    "phone": ("gateway.cli.phone:phone", "A phone in the terminal, over the provider's protocol."),
    "flows": ("gateway.cli.flows:flows", "Check and publish what is said to clients."),
    "clients": ("gateway.cli.clients:clients", "Import, activate and show clients."),
    "staff": ("gateway.cli.staff:staff", "Who may log in to the desk."),
    "pay": ("gateway.cli.pay:pay", "Payments: what needs a person, and whether the books agree."),
    "sms": ("gateway.cli.sms:sms", "Messages of which nobody knows whether they went out."),
    "export": ("gateway.cli.export:export", "Answers, messages or payments as a file."),
    "channels": ("gateway.cli.channels:channels", "The addresses that providers call."),
    "db": ("gateway.cli.db:db", "The database of the client record."),
    "doctor": ("gateway.cli.doctor:doctor", "Is everything as it must be? If not, what to do."),
    "config": ("gateway.cli.config:config", "Every setting, its value and where that comes from."),
}

njia = Lazy("njia", COMMANDS, ABOUT)


def main(arguments: list[str] | None = None) -> None:
    """Runs one command; what can go wrong is told in sentences, and the exit code says which."""
    try:
        njia.main(args=arguments, prog_name="njia")
    except Exception as error:  # noqa: BLE001 -- the last stop: nothing may print what a client typed
        Problem(told(error)).show()
        sys.exit(Problem.exit_code)
