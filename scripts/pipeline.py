#!/usr/bin/env python
"""Steps of the pipeline for one stack; `make preview|deploy|smoke|drift|destroy STACK=…` call them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import _pipeline  # noqa: E402
from scripts._console import Console  # noqa: E402
from scripts._project import Project, open_project, retold  # noqa: E402
from stacks import guard  # noqa: E402

StackName = Annotated[str, typer.Option("--stack", "-s", help="Stack: local, dev, staging, prod.")]
MarkdownFile = Annotated[Path | None, typer.Option("--markdown", help="Also write the result here, as Markdown.")]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, help=__doc__)


@app.command()
def preview(stack: StackName = "", markdown: MarkdownFile = None) -> None:
    """Tell what a deployment would change. Nothing is deployed."""
    _do(stack, lambda project, console: _pipeline.preview(project, markdown, console))


@app.command()
def deploy(stack: StackName = "") -> None:
    """Check that it can be deployed (preflight), then deploy."""
    _do(stack, _pipeline.deploy)


@app.command()
def smoke(stack: StackName = "") -> None:
    """Prove with a lead that the deployed stack mails leads; the lead is removed again."""
    _do(stack, lambda project, _console: _pipeline.smoke(project))


@app.command()
def drift(stack: StackName = "", markdown: MarkdownFile = None) -> None:
    """Find what was changed outside of Pulumi, and what is not deployed yet. Changes nothing."""
    _do(stack, lambda project, console: _pipeline.drift(project, markdown, console))


@app.command()
def destroy(stack: StackName = "") -> None:
    """Delete everything in the stack; refused where the stack is protected."""
    _do(stack, lambda project, _console: _pipeline.destroy(project))


def _do(stack: str, step: Callable[[Project, Console], None]) -> None:
    console = Console()
    sys.exit(retold(lambda: step(_open(stack), console), console.error))


def _open(stack: str) -> Project:
    project = open_project(stack, os.environ)
    if project.is_local:
        guard.check_answers(project.environ)  # the engine's own words about a cloud that is gone are no help
    return project


if __name__ == "__main__":
    app()
