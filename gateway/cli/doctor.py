"""``njia doctor``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from gateway.cli.common import Command, Problem, print_json, shared

if TYPE_CHECKING:
    from gateway.doctor import Finding
    from gateway.settings import Settings

DOCTOR = """Look at everything that must be right, and say of each thing that it is, or what to do.

Exit code 1 if there is a problem; warnings alone are good.

\b
  njia doctor
  njia --home /etc/njia doctor --json
"""
SIGNS = {"ok": "ok", "warning": "warning", "problem": "PROBLEM"}


@click.command("doctor", cls=Command, help=DOCTOR)
def doctor() -> None:
    from gateway.settings import load  # noqa: PLC0415

    findings = asyncio.run(_look(load()))
    if shared().json:
        print_json([finding.as_json() for finding in findings])
    else:
        for finding in findings:
            fix = f" {finding.fix}" if finding.fix else ""
            click.echo(f"{SIGNS[finding.state]:8} {finding.name}: {finding.says}{fix}")
    if any(finding.state == "problem" for finding in findings):
        raise SystemExit(Problem.exit_code)


async def _look(settings: Settings) -> list[Finding]:
    from gateway.doctor import house, institution, messages, payments, staff, stores, surveys  # noqa: PLC0415

    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    findings = [*house.settings_findings(settings), *institution.institution_findings(settings)]
    findings += [*house.secret_findings(settings), *house.disk_findings(settings)]
    database = await stores.database_findings(settings)
    findings += database
    if all(finding.state == "ok" for finding in database):
        findings += await messages.message_findings(settings)
        findings += await payments.payment_findings(settings)
        findings += await staff.staff_findings(settings)
        findings += await surveys.survey_findings(settings)
    findings += await _redis(settings)
    return findings + await house.provider_findings(settings)


async def _redis(settings: Settings) -> list[Finding]:
    from gateway.build import open_stores  # noqa: PLC0415
    from gateway.doctor import problem, stores  # noqa: PLC0415
    from gateway.embedded.places import EmbeddedError  # noqa: PLC0415

    try:
        opened = await open_stores(settings, seconds=5.0)
    except EmbeddedError as error:
        return [problem("redis", str(error), "Or set [redis] url to a server of your own.")]
    try:
        return await stores.redis_findings(opened.redis, opened.attachment is not None)
    finally:
        await opened.close()
