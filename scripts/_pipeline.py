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

    Two things are told and are no drift: what the program leaves to others, as a consent that a person gave to a
    connection, and what is in the program and waits for its deployment (an approval, say).
    """
    if not project.exists():
        told = f"Stack {project.stack} does not exist yet: nothing in it can have been changed."
        console.note(told)
        _write(markdown, f"### `{project.stack}`\n\n{told}\n")
        return
    found = _read(project, "refresh", "--preview-only", "--json")
    parts = {
        "changed outside of Pulumi": [change for change in found if not change.ignored],
        "changed by others, to whom the program leaves it": [change for change in found if change.ignored],
        "changed in the program and not deployed yet": _read(project, "preview", "--json"),
    }
    for title, changes in parts.items():
        console.note(f"Stack {project.stack}, {title}:")
        _tell(console, changes, "Nothing.")
    sections = [as_markdown(f"`{project.stack}`: {title}", changes, "Nothing.") for title, changes in parts.items()]
    _write(markdown, "\n".join(sections))
    if any(not change.ignored for change in found):
        raise CommandError(_way_back(project), DRIFT_CODE)


def destroy(project: Project) -> None:
    """`pulumi destroy`, refused where anything of the stack is protected."""
    if not project.exists():
        raise RefusedError(f"there is no stack '{project.stack}', so that there is nothing to destroy")
    if protected := _protected(project):
        raise RefusedError(_way_out(project, protected))
    project.show("destroy", "--yes", "--skip-preview")


def _read(project: Project, *arguments: str) -> list[Change]:
    done = project.run(*arguments)
    return read_changes(done.stdout, done.stderr)


def _tell(console: Console, changes: list[Change], nothing: str) -> None:
    for change in changes:
        console.note(f"  {change}")
    if not changes:
        console.note(f"  {nothing}")


def _way_back(project: Project) -> str:
    return (
        f"stack '{project.stack}' was changed outside of Pulumi; `{project.by_hand('up --refresh')}` takes it back,"
        f" `{project.by_hand('refresh')}` takes it over into the state"
    )


def _way_out(project: Project, protected: list[str]) -> str:
    stack = project.stack
    return (
        f"stack '{stack}' is protected, nothing was deleted. With {', '.join(protected)} {_lost(protected)}"
        f" `{project.by_hand('config set protected false')}`, make deploy STACK={stack}, make destroy STACK={stack}"
    )


def _lost(protected: list[str]) -> str:
    """What a destroy would cost, and what has to be done before it. Leads in an adopted account are not at stake."""
    if any(one.startswith(("StorageAccount ", "Table ")) for one in protected):
        return (
            "its leads would be lost, and Microsoft would have nowhere to deliver new ones. The way out"
            " (docs/environments.md, Leaving): export the leads, publish the offer with another lead destination, then"
        )
    return "the consent of its mail connection would be lost. The way out:"


def _protected(project: Project) -> list[str]:
    """What the engine would refuse to delete, as `Type name`. Read from the state: the file may have been changed."""
    done = project.run("stack", "export")
    if done.returncode != 0:
        raise ProjectError(f"the state of stack '{project.stack}' cannot be read: {first_line(done.stderr)}")
    resources = json.loads(done.stdout)["deployment"].get("resources") or []
    protected = [one for one in resources if one.get("protect")]
    of_azure = [one for one in protected if one.get("custom")]  # components are named by what they hold
    return [f"{one['type'].rpartition(':')[2]} {one['urn'].rpartition('::')[2]}" for one in of_azure or protected]


def _write(file: Path | None, text: str) -> None:
    if file is None:
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProjectError(f"{file} cannot be written: {error.strerror}") from None
