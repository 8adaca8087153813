"""The schedules: of all processes that run this one leads, and does every sweep in its time."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from gateway.store.leases import LEASE_MS, Lease, Roll
from worker.loops import DOWN, Trouble, pause, run_until

log = logging.getLogger("njia.schedule")

FOLLOWING = 0.2  # seconds between two looks whether this process leads now
LEADER = "njia:leader:schedule"


@dataclass(frozen=True, slots=True)
class Sweep:
    """Something to be done every so many seconds, by the leader."""

    name: str
    every: float
    run: Callable[[], Awaitable[None]]


class Schedule:
    """One candidate; it leads as long as it holds the lease."""

    def __init__(self, redis: Redis, sweeps: list[Sweep], owner: str, *, millis: int = LEASE_MS) -> None:
        self._lease = Lease(redis, LEADER, owner, millis)
        self._roll = Roll(redis, "schedule", owner, millis)
        self._sweeps = sweeps
        self._renew_every = millis / 4000
        self.leads = False

    async def run(self, stop: asyncio.Event) -> None:
        """Works until ``stop`` is set, then gives the lead back."""
        try:
            await run_until(stop, self._keep_lead(stop), *(self._repeat(sweep, stop) for sweep in self._sweeps))
        finally:
            await self._leave()

    async def _keep_lead(self, stop: asyncio.Event) -> None:
        trouble = Trouble("the lead of the schedules")
        while not stop.is_set():
            try:
                self._leading(await self._lease.hold())
                await self._roll.sign(json.dumps({"pid": os.getpid(), "leads": self.leads}))
                trouble.over()
                await pause(stop, self._renew_every)
            except DOWN as error:
                self._leading(False)
                await trouble.met(error, stop)

    def _leading(self, leads: bool) -> None:
        if leads and not self.leads:
            log.info("this process leads the schedules")
        self.leads = leads

    async def _repeat(self, sweep: Sweep, stop: asyncio.Event) -> None:
        trouble = Trouble(f"the sweep of {sweep.name}")
        while not stop.is_set():
            if not self.leads:
                await pause(stop, FOLLOWING)
                continue
            try:
                await sweep.run()
                trouble.over()
                await pause(stop, sweep.every)
            except DOWN as error:
                await trouble.met(error, stop)

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(0.2):
                await self._lease.release()
                await self._roll.leave()
        except DOWN as error:
            log.warning("the lead could not be given back and will run out: %s", type(error).__name__)
