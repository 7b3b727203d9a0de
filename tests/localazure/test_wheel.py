"""The wheel of localazure in an environment that holds what it declares and pytest, nothing else: somebody else's
project gets the plugin, without Pulumi, without this checkout, without Azurite."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import Parser
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PACKAGES = ("localazure", "wdl")
EXAMPLE = ROOT / "examples" / "overdue_invoices"


@dataclass(frozen=True)
class Foreign:
    """Somebody else's environment. `run` starts a command of it as that person would, in a folder of theirs."""

    bin: Path
    home: Path

    def run(self, command: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        own = {"PATH": str(self.home / "path"), "HOME": str(self.home), "LANG": "C.UTF-8"}
        call = [str(self.bin / command), *arguments]
        return subprocess.run(call, cwd=cwd or self.home, env=own, capture_output=True, text=True, timeout=240)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
    command = [sys.executable, "-c", build, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def foreign(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Foreign:
    """An environment made of files of ours: tests have no network. pip checks that nothing declared is missing."""
    home = tmp_path_factory.mktemp("foreign")
    venv.EnvBuilder(symlinks=True).create(home / "env")
    (site,) = (home / "env").glob("lib/python*/site-packages")
    for name in sorted(needed([*declared(wheel), Requirement("pytest")])):
        link(name, site)
    # Node, but nothing that lies beside it on this machine.
    (home / "path").mkdir()
    (home / "path" / "node").symlink_to(str(shutil.which("node")))
    pip = [sys.executable, "-m", "pip", "--python", str(home / "env" / "bin" / "python"), "--isolated", "install"]
    done = subprocess.run([*pip, "-q", "--no-index", str(wheel)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Foreign(home / "env" / "bin", home)


def declared(wheel: Path) -> list[Requirement]:
    """What the wheel requires, the extras too."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = Parser().parsestr(archive.read(name).decode()).get_all("Requires-Dist") or []
    return [Requirement(line) for line in lines]


def needed(wanted: list[Requirement]) -> set[str]:
    """The names of the distributions that these requirements lead to."""
    found: set[tuple[str, frozenset[str]]] = set()
    ahead = [(requirement, frozenset({""})) for requirement in wanted]
    while ahead:
        requirement, asked = ahead.pop()
        one = (requirement.name, frozenset({"", *requirement.extras}))
        if one in found or not applies(requirement, asked):
            continue
        found.add(one)
        ahead += [(Requirement(line), one[1]) for line in distribution(requirement.name).requires or ()]
    return {name for name, _ in found}


def applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    """Whether it is required on this machine when these extras are asked for; "" is none."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)


def link(name: str, site: Path) -> None:
    """Put the files of an installed distribution into another environment."""
    for file in distribution(name).files or ():
        place, source = site / file, Path(str(file.locate()))
        if ".." not in file.parts and source.exists() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(source)


def source_files() -> Iterator[str]:
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file.relative_to(ROOT).as_posix()


def test_it_holds_every_file_of_both_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == set(source_files())
    assert {Path(name).suffix for name in packed} >= {".py", ".js", ".css", ".html", ".svg", ".json", ".typed"}


def test_what_it_imports_is_what_it_declares(foreign: Foreign) -> None:
    """Every module is imported, but for the provider, which needs the extra `pulumi`."""
    script = """
import importlib, importlib.util, pkgutil
for package in ("wdl", "localazure"):
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, package + "."):
        if ".pulumi_provider." not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
assert importlib.util.find_spec("pulumi") is importlib.util.find_spec("grpc") is None
print(found.__file__)
"""
    done = foreign.run("python", "-c", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(foreign.home))


def test_a_foreign_project_tests_its_logic_app_with_it(foreign: Foreign, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    start = time.monotonic()
    done = foreign.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path / "project")
    assert (done.returncode, "4 passed" in done.stdout) == (0, True), done.stdout
    assert time.monotonic() - start < 60


NO_TOOLS = """
import pytest
from localazure.testing import ArmCallError

def test_node_without_azurite(mock_azure):
    with pytest.raises(ArmCallError, match="npm install azurite@"):
        mock_azure.create_account()

def test_no_node_either(mock_azure, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ArmCallError, match="Get Node 20 or newer"):
        mock_azure.create_account()
"""


def test_it_tells_how_to_get_azurite(foreign: Foreign, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(NO_TOOLS)
    done = foreign.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout


def test_its_command_starts_the_rest_of_the_cloud(foreign: Foreign, tmp_path: Path) -> None:
    """Without Azurite and Pulumi the cloud starts all the same, and says what is missing."""
    try:
        done = foreign.run("localazure", "start", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "npm install azurite@" in done.stderr
        assert "localazure[pulumi]" in foreign.run("localazure", "logs", cwd=tmp_path).stdout
    finally:
        stopped = foreign.run("localazure", "stop", cwd=tmp_path)
    assert "stopped" in stopped.stdout
