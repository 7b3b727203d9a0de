"""The steps of the pipeline: preview, deploy, smoke, drift, destroy. The same by hand, in CI and in a rehearsal."""

from __future__ import annotations

import json
from pathlib import Path

from scripts._changes import Change, ChangesError, as_markdown, failure_as_markdown, read_changes
from scripts._console import Console
from scripts._project import CommandError, Project, ProjectError, first_line

DRIFT_CODE = 3
_NO_CHANGES = "Nothing would change."


class RefusedError(ProjectError):
    """A step that is not done, with the way out."""


def preview(project: Project, markdown: Path | None, console: Console) -> None:
    """Tell what a deployment would change; also as Markdown for a comment. Nothing is deployed."""
    title = f"`{project.stack}`"
    if not project.exists():
        told = f"Stack {project.stack} does not exist yet: its first deployment makes everything."
        console.note(told)
        _write(markdown, f"### {title}\n\n{told}\n")
        return
    try:
        changes = _read(project, "preview", "--json")
    except ChangesError as error:
        _write(markdown, failure_as_markdown(title, str(error)))
        raise
    _tell(console, changes, _NO_CHANGES)
    _write(markdown, as_markdown(title, changes, _NO_CHANGES))


def deploy(project: Project, console: Console) -> None:
    """Preflight, the stack if it is not there, and `pulumi up`, which shows its preview before it acts."""
    project.script("preflight.py")
    if not project.exists():
        project.create()
        console.step(f"Made the stack {project.stack} in the state")
    project.show("up", "--yes")


def smoke(project: Project) -> None:
    """A lead in the table, a run of the flow, the lead mailed; the lead is removed again."""
    project.script("seed_lead.py", "--clean")


def drift(project: Project, markdown: Path | None, console: Console) -> None:
    """Compare what is deployed with what Pulumi deployed; raises `CommandError` at a difference. Changes nothing.

    What is in the program and waits for its deployment (an approval, say) is told too, and is no drift.
    """
    outside = _read(project, "refresh", "--preview-only", "--json")
    pending = _read(project, "preview", "--json")
    console.note(f"Changed outside of Pulumi, in stack {project.stack}:")
    _tell(console, outside, "Nothing.")
    console.note("Changed in the program and not deployed yet:")
    _tell(console, pending, "Nothing.")
    _write(markdown, _drift_as_markdown(project.stack, outside, pending))
    if outside:
        raise CommandError(_way_back(project.stack), DRIFT_CODE)


def destroy(project: Project) -> None:
    """`pulumi destroy`, refused where anything of the stack is protected."""
    if not project.exists():
        raise RefusedError(f"there is no stack '{project.stack}', so that there is nothing to destroy")
    if protected := _protected(project):
        raise RefusedError(_way_out(project.stack, protected))
    project.show("destroy", "--yes", "--skip-preview")


def _read(project: Project, *arguments: str) -> list[Change]:
    done = project.run(*arguments)
    return read_changes(done.stdout, done.stderr)


def _tell(console: Console, changes: list[Change], nothing: str) -> None:
    for change in changes:
        console.note(f"  {change}")
    if not changes:
        console.note(f"  {nothing}")


def _drift_as_markdown(stack: str, outside: list[Change], pending: list[Change]) -> str:
    return "\n".join(
        [
            as_markdown(f"`{stack}`: changed outside of Pulumi", outside, "Nothing."),
            as_markdown(f"`{stack}`: changed in the program and not deployed yet", pending, "Nothing."),
        ]
    )


def _way_back(stack: str) -> str:
    return (
        f"stack '{stack}' was changed outside of Pulumi; `pulumi up --refresh --stack {stack}` takes it back,"
        f" `pulumi refresh --stack {stack}` takes it over into the state"
    )


def _way_out(stack: str, protected: list[str]) -> str:
    return (
        f"stack '{stack}' is protected, nothing was deleted. With {', '.join(protected)} its leads would be lost, and"
        " Microsoft would have nowhere to deliver new ones. The way out (docs/environments.md, Leaving): export the"
        " leads, publish the offer with another lead destination, then"
        f" `pulumi config set protected false --stack {stack}`, make deploy STACK={stack}, make destroy STACK={stack}"
    )


def _protected(project: Project) -> list[str]:
    """What the engine would refuse to delete, as `type name`. Read from the state: the file may have been changed."""
    done = project.run("stack", "export")
    if done.returncode != 0:
        raise ProjectError(f"the state of stack '{project.stack}' cannot be read: {first_line(done.stderr)}")
    resources = json.loads(done.stdout)["deployment"].get("resources") or []
    return [f"{one['type']} {one['urn'].rpartition('::')[2]}" for one in resources if one.get("protect")]


def _write(file: Path | None, text: str) -> None:
    if file is None:
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProjectError(f"{file} cannot be written: {error.strerror}") from None
