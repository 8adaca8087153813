"""What people install: the wheel, in an environment of its own, far from this checkout."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import urllib.request
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def njia(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of a fresh environment that has the wheel, and of libraries only what the wheel asks for."""
    place = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(place, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True, timeout=120)
    (packages,) = place.glob("lib/python*/site-packages")
    (dist,) = packages.glob("njia-*.dist-info")
    for library in wanted(metadata.PathDistribution(dist)):
        for name in {file.parts[0] for file in library.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (packages / name).exists():
                (packages / name).symlink_to(Path(str(library.locate_file(name))))
    return place / "bin" / "njia"


def wanted(dist: metadata.Distribution) -> list[metadata.Distribution]:
    """The distributions that this one needs, and those that they need, from the environment that the tests run in.

    So an empty environment is filled without the network, and a dependency that nobody declared is missing in it.
    """
    found: dict[str, metadata.Distribution] = {}
    waiting = [(dist, "")]
    while waiting:
        one, extra = waiting.pop()
        for need in map(Requirement, one.requires or ()):
            if need.marker and not need.marker.evaluate({"extra": extra}):
                continue
            library = metadata.distribution(need.name)
            new = need.name not in found
            found[need.name] = library
            waiting += [(library, each) for each in need.extras] + ([(library, "")] if new else [])
    return list(found.values())


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("NJIA", "PYTHON"))}


def test_it_holds_templates_definitions_and_four_packages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"flows", "adapters", "gateway", "worker"}
    for kind in ("flows/definitions/flows/", "gateway/templates/messages/en/", "gateway/templates/messages/sw/"):
        assert any(name.startswith(kind) and name.endswith(".yaml") for name in names), kind
    for name in ("gateway/sample/njia.toml", "flows/definitions/people.yaml", "adapters/ussd/africastalking.yaml"):
        assert name in names
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "flows" / "definitions").rglob("*.yaml")}
    assert shipped <= set(names)


def test_its_licence_travels_along(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_help_runs_from_an_empty_environment(njia: Path, tmp_path: Path) -> None:
    run = subprocess.run([njia, "--help"], cwd=tmp_path, env=clean(), capture_output=True, text=True, check=True)
    assert "Start everything with a sample institution." in run.stdout


def test_its_names_are_its_own(njia: Path, tmp_path: Path) -> None:
    code = "from importlib.metadata import packages_distributions\nprint({n: packages_distributions()[n] for n in %r})"
    names = ("flows", "adapters", "gateway", "worker")
    python = njia.with_name("python")
    run = subprocess.run(
        [python, "-c", code % (names,)], cwd=tmp_path, env=clean(), capture_output=True, text=True, check=True
    )
    assert ast.literal_eval(run.stdout) == {name: ["njia"] for name in names}


def test_a_folder_called_flows_does_not_stand_in_for_ours(njia: Path, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "model.py").write_text("raise SystemExit(7)")
    run = subprocess.run([njia, "config", "show"], cwd=tmp_path, env=clean(), capture_output=True, check=False)
    assert run.returncode == 0


def test_the_demonstration_runs_from_an_empty_environment(njia: Path, tmp_path: Path) -> None:
    command = [njia, "demo", "--port", "0", "--data", str(tmp_path / "data"), "--json", "--no-history"]
    demo = subprocess.Popen(command, cwd=tmp_path, env=clean(), stdout=subprocess.PIPE, text=True)
    try:
        facts = json.loads(demo.stdout.readline())
        with urllib.request.urlopen(f"{facts['url']}/readyz", timeout=10) as response:
            assert json.load(response) == {"ready": True, "reasons": []}
        assert facts["channels"]["ussd"]["path"].startswith("/channels/ussd/")
    finally:
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(30) == 0
