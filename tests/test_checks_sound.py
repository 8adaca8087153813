"""Whatever the check lets pass can be walked by anybody, on every channel, without anything that no client should meet.

The same are drawn each time; ``NJIA_SOUND_FLOWS=2000 make test ARGS="-k checks_sound -s"`` draws others, and more.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest
from checking import laid_over
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_flows import drawn
from roaming import roam

from flows.loading import SourceFile
from gateway.publishing import Sources, check, profiles

KEPT = ("main", "about", "language", "call_me", "settings", "pin", "change_pin", "new_pin")  # of what is shipped
FLOWS = int(os.environ.get("NJIA_SOUND_FLOWS", "60"))
WALKS = 12  # of each flow that passes, on each profile
LEAST_REFUSED = 0.3


LANGUAGES = (("en",), ("sw",), ("en", "sw"), ("sw", "en"), ("en", "sw", "fr"), ("fr", "en"))


def house(files: tuple[SourceFile, ...], languages: tuple[str, ...]) -> Sources:
    """The flows that are drawn among the few that no house is without: to prove all that are shipped takes longer."""
    whole = laid_over(*files)
    kept = {file.path for file in files} | {f"flows/{name}.yaml" for name in KEPT}
    kept |= {f"messages/sw/{name}.yaml" for name in KEPT}
    texts = {path: text for path, text in whole.files.items() if path in kept or not _is_of_flows(path)}
    return Sources({**whole.institution, "languages": languages}, texts)


def _is_of_flows(path: str) -> bool:
    return path.startswith("flows/") or (path.startswith("messages/") and not path.endswith("/system.yaml"))


@pytest.mark.timeout(300 + 5 * FLOWS)
def test_what_passes_can_be_walked_by_anybody(capsys: pytest.CaptureFixture[str]) -> None:
    told: Counter[str] = Counter()

    @settings(
        max_examples=FLOWS,
        derandomize="NJIA_SOUND_FLOWS" not in os.environ,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to make one smaller takes minutes, and the story is short
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn(), st.integers(0, 2**32), st.sampled_from(LANGUAGES))
    def walk(files, seed, languages):  # type: ignore[no-untyped-def]
        release, faults = check(house(files, languages))
        others = [str(fault) for fault in faults if fault.level == "error" and fault.flow not in ("drawn", "inner")]
        assert not others
        told["passed" if release else "refused"] += 1
        if release is None:
            return
        chance = Random(seed)
        for name, profile in profiles().items():
            for _ in range(WALKS):
                told["walks"] += 1
                try:
                    roam(chance, release, profile)
                except AssertionError as error:
                    texts = "\n".join(file.text for file in files)
                    raise AssertionError(f"{name}: {error}\n{texts}") from error

    walk()
    with capsys.disabled():
        print(f"\nchecks: {dict(told)}")
    assert told["refused"] >= LEAST_REFUSED * (told["refused"] + told["passed"])
    assert told["passed"] >= 0.05 * FLOWS, "too few pass: the walks prove nothing"
