"""Where Node and Azurite are on this machine, and how to get them if they are not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from localazure.explained import Explained

VERSION = "3.35.0"
_MAIN = Path("dist/src/table/main.js")
_GET_AZURITE = (
    f"Azurite, which serves the tables, was not found. Get it with `npm install azurite@{VERSION}` in this folder or a "
    f"folder above it, or with `npm install --global azurite@{VERSION}`; or set LOCALAZURE_AZURITE to the folder "
    "of the package (…/node_modules/azurite)."
)
_GET_NODE = (
    "Node, which runs Azurite, was not found on PATH. Get Node 20 or newer from https://nodejs.org or from your "
    "system's packages (`apt install nodejs npm`, `brew install node`)."
)


class MissingTool(Explained):
    """Node or Azurite is not there; the message says how to get it."""


@dataclass(frozen=True)
class AzuriteTools:
    """`node` is the executable, `main` the script of `azurite-table`."""

    node: Path
    main: Path


def find_tools(start: Path | None = None) -> AzuriteTools:
    """Look for node on PATH and for Azurite in $LOCALAZURE_AZURITE, the nearest node_modules (seen from `start`, else
    the current folder; then from this package), and PATH. Raises `MissingTool`."""
    node = shutil.which("node")
    if node is None:
        raise MissingTool(_GET_NODE)
    return AzuriteTools(Path(node), _find_main(start or Path.cwd()))


def _find_main(start: Path) -> Path:
    if named := os.environ.get("LOCALAZURE_AZURITE"):
        return _named_main(Path(named))
    for candidate in _candidates(start):
        if candidate.is_file():
            return candidate.resolve()
    raise MissingTool(_GET_AZURITE)


def _named_main(named: Path) -> Path:
    """The variable may name the package or its command `azurite-table`."""
    for candidate in (named / _MAIN, named):
        if candidate.is_file():
            return candidate.resolve()
    raise MissingTool(f"LOCALAZURE_AZURITE is {named}, where there is no {_MAIN}. Correct or unset it.")


def _candidates(start: Path) -> Iterator[Path]:
    here = Path(__file__).resolve().parent
    for folder in (start.resolve(), *start.resolve().parents, *here.parents):
        yield folder / "node_modules" / "azurite" / _MAIN
    if command := shutil.which("azurite-table"):
        yield Path(command)
