"""manage_flow.py run, runs, show, resubmit, cancel."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from leads.clients import Clients
from leads.environment import Deployed
from leads.errors import LeadsError
from leads.flow import Action, Flow, Run
from leads.periods import duration, moment_text
from leads.redaction import Redactor, key_of
from leads.runs import FAILURES, Patience, Query, RunHistory, culprit, follow
from scripts._console import Console
from scripts._flow_state import run_json
from stacks import guard

_SHOWN_CHARACTERS = 1000
_APPEARS_SECONDS = 30.0  # how long a run that was started may take to be listed


class RunError(LeadsError):
    """A run did not end well, or is not to be found."""


@dataclass(frozen=True)
class View:
    """How `show` shows a run: everything in `full`, with secrets, as JSON."""

    full: bool
    secrets: bool
    as_json: bool


def run(deployed: Deployed, seconds: int | None, as_json: bool, console: Console) -> None:
    """Start a run; follow it for at most so many seconds, or not at all."""
    clients = Clients(deployed, os.environ)
    began = datetime.now(UTC)
    with console.waiting("Starting a run"):
        name = Flow(clients.logic, deployed).start()
        name = name or _appeared(RunHistory(clients), began)
    console.step(f"Started run {name}")
    _see_to(deployed, RunHistory(clients), name, seconds, as_json, console)


def resubmit(deployed: Deployed, name: str, seconds: int | None, as_json: bool, console: Console) -> None:
    """Run a run again."""
    history = RunHistory(Clients(deployed, os.environ))
    began = datetime.now(UTC)
    with console.waiting("Resubmitting"):
        old = history.find(name)
        new = history.resubmit(old) or _appeared(history, began)
    console.step(f"Resubmitted run {old.name} as {new}")
    _see_to(deployed, history, new, seconds, as_json, console)


def cancel(deployed: Deployed, name: str, as_json: bool, console: Console) -> None:
    """Cancel a run."""
    history = RunHistory(Clients(deployed, os.environ))
    with console.waiting("Cancelling"):
        found = history.find(name)
        history.cancel(found.name)
    if as_json:
        print(json.dumps({"stack": deployed.stack, "cancelled": found.name}))
    console.step(f"Cancelled run {found.name}")


def runs(
    deployed: Deployed,
    status: str | None,
    period: tuple[datetime | None, datetime | None],
    limit: int | None,
    as_json: bool,
    console: Console,
) -> None:
    """List runs, newest first."""
    history = RunHistory(Clients(deployed, os.environ))
    with console.waiting("Reading the run history"):
        found = list(history.runs(Query(status, *period), limit))
    if as_json:
        print(json.dumps({"stack": deployed.stack, "runs": [run_json(one) for one in found]}, indent=2))
        return
    if not found:
        console.note("No such run.")
        return
    console.table(("Started (UTC)", "Status", "Took", "Code", "Run"), [_run_row(one) for one in found])


def _run_row(run: Run) -> tuple[str, ...]:
    code = "" if run.code == run.status else run.code
    return run.started.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"), run.status, duration(run.seconds), code, run.name


def _see_to(
    deployed: Deployed, history: RunHistory, name: str, seconds: int | None, as_json: bool, console: Console
) -> None:
    """Follow the run and end with its verdict, or only say its name."""
    if seconds is None:
        if as_json:
            print(json.dumps({"stack": deployed.stack, "run": {"name": name}}))
        return
    patience = Patience(seconds, time.monotonic, time.sleep, pause=_pause(deployed))
    with console.waiting("Following the run"):
        ended = follow(history, name, patience, lambda action: _tell(action, console))
    if as_json:
        print(json.dumps({"stack": deployed.stack, "run": run_json(ended)}, indent=2))
    if ended.status != "Succeeded":
        raise RunError(_verdict(history, ended))
    console.step(f"Run {name} Succeeded in {duration(ended.seconds)}")


def _pause(deployed: Deployed) -> float:
    return 0.2 if guard.runs_on_local_cloud(deployed.stack, os.environ) else 2.0


def _tell(action: Action, console: Console) -> None:
    text = f"{action.name}: {action.status} ({duration(action.seconds)})"
    if action.status in FAILURES:
        console.warn(text)
    else:
        console.step(text)


def _verdict(history: RunHistory, run: Run) -> str:
    """Without the service's message, which may quote what a lead says: `show` tells it."""
    found = culprit(history.actions(run.name, contents=False))
    where = f": {found.name} {found.status} ({found.code})" if found else ""
    return f"run {run.name} {run.status}{where}; `scripts/manage_flow.py show {run.name}` tells why"


def _appeared(history: RunHistory, began: datetime) -> str:
    """The run that a call started, where the service's answer did not name it."""
    deadline = time.monotonic() + _APPEARS_SECONDS
    while time.monotonic() < deadline:
        found = history.started_after(began)
        if found is not None:
            return found.name
        time.sleep(1)
    raise RunError("the run was started, but it is not in the list; `scripts/manage_flow.py runs` shows it later")


def show(deployed: Deployed, name: str, view: View, console: Console) -> None:
    """Show a run: what failed and why, then each action in the order in which they began."""
    history = RunHistory(Clients(deployed, os.environ))
    redactor = Redactor([] if view.secrets else [key_of(deployed.connection_string)])
    with console.waiting("Reading the run"):
        found = history.find(name)
        actions = history.actions(found.name)
        repetitions = _failed_repetitions(history, found, actions)
    hidden = (lambda value: value) if view.secrets else redactor.value
    if view.as_json:
        shown = [_action_json(one, hidden, repetitions) for one in actions]
        print(json.dumps({"stack": deployed.stack, **run_json(found), "actions": shown}, indent=2, ensure_ascii=False))
        return
    _show_run(found, console)
    _show_culprit(found, actions, repetitions, hidden, console)
    for action in actions:
        _show_action(action, view, hidden, console)


def _failed_repetitions(history: RunHistory, run: Run, actions: list[Action]) -> dict[str, list[Action]]:
    looped = [action for action in actions if action.looped and action.status in FAILURES]
    return {action.name: history.failed_repetitions(run.name, action.name) for action in looped}


def _show_run(run: Run, console: Console) -> None:
    console.note(f"Run      {run.name}")
    console.note(f"Status   {run.status}")
    console.note(f"Started  {moment_text(run.started)} by trigger {run.trigger or '-'}")
    console.note(f"Took     {duration(run.seconds)}")


def _show_culprit(
    run: Run, actions: list[Action], repetitions: dict[str, list[Action]], hidden: Any, console: Console
) -> None:
    found = culprit(actions)
    if run.status not in FAILURES or found is None:
        return
    console.note("")
    console.warn(f"{found.name} {found.status} ({found.code or 'no code'})")
    for one in [found, *repetitions.get(found.name, [])]:
        why = one.message or _message_of(one.outputs)
        if why:
            console.note(f"  {'' if one is found else f'{one.name}: '}{hidden(why)}")


def _message_of(outputs: Any) -> str:
    """What a connector or server answered as the reason of its refusal."""
    if not isinstance(outputs, dict):
        return ""
    body = outputs.get("body")
    error = body.get("error", body) if isinstance(body, dict) else body
    reason = error.get("message", error) if isinstance(error, dict) else error
    text = reason if isinstance(reason, str) else json.dumps(reason, ensure_ascii=False)
    text = text.partition("\n")[0]  # what follows are the service's request id and time; the outputs show them
    status = outputs.get("statusCode")
    return " ".join(part for part in (f"HTTP {status}" if status else "", text if reason else "") if part)


def _show_action(action: Action, view: View, hidden: Any, console: Console) -> None:
    console.note("")
    retried = f", tried again {action.retries} times" if action.retries else ""
    mark = console.warn if action.status in FAILURES else console.step if action.status == "Succeeded" else console.note
    mark(f"{action.name}  {action.status}  {duration(action.seconds)}{retried}")
    for part, content in (("inputs", action.inputs), ("outputs", action.outputs)):
        if part in action.secured:
            console.note(f"    {part}: secured, Azure does not show them")
        elif content is not None:
            console.note(f"    {part}: {_cut(_text(hidden(content)), view.full)}")


def _text(content: Any) -> str:
    from scripts._console import printable

    return printable(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))


def _cut(text: str, full: bool) -> str:
    if full or len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}… ({len(text)} characters; --full shows all)"


def _action_json(action: Action, hidden: Any, repetitions: dict[str, list[Action]]) -> dict[str, Any]:
    shown = {
        "name": action.name,
        "status": action.status,
        "code": action.code or None,
        "message": hidden(action.message) or None,
        "seconds": action.seconds,
        "retries": action.retries,
        "secured": list(action.secured),
        "inputs": hidden(action.inputs),
        "outputs": hidden(action.outputs),
    }
    failed = [_action_json(one, hidden, {}) for one in repetitions.get(action.name, [])]
    return {**shown, "failedRepetitions": failed} if failed else shown
