"""The run history of a Logic App: find runs, look into one, run it again, cancel it, follow it to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from leads.arm_errors import Explained, FlowError
from leads.clients import Clients
from leads.flow import Action, Run, action_of, run_name, run_of

# The statuses of a run in Azure's words (Microsoft.Logic 2019-05-01, WorkflowStatus), as far as a run can have them.
STATUSES = (
    "Succeeded",
    "Failed",
    "Running",
    "Cancelled",
    "TimedOut",
    "Waiting",
    "Skipped",
    "Suspended",
    "Aborted",
    "Faulted",
    "Ignored",
    "Paused",
)
FAILURES = frozenset({"Failed", "TimedOut", "Aborted", "Faulted"})
LAST, LAST_FAILED = "last", "failed"

_PAGE = 250  # the largest that the service is known to give
_FAILED_REPETITIONS = 5


@dataclass(frozen=True)
class Query:
    """Which runs: `status` in Azure's words, started at `since` or later and before `until`."""

    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def filter(self) -> str | None:
        """The query as the service's `$filter`."""
        terms = [f"status eq '{self.status}'"] if self.status else []
        terms += [f"startTime ge {stamp(self.since)}"] if self.since else []
        terms += [f"startTime lt {stamp(self.until)}"] if self.until else []
        return " and ".join(terms) or None

    def admits(self, run: Run) -> bool:
        """The same once more here: the service's filter is not documented to the last digit."""
        early = self.since is not None and run.started < self.since
        late = self.until is not None and run.started >= self.until
        return not early and not late and self.status in (None, run.status)


class RunHistory:
    """The runs of one deployed Logic App."""

    def __init__(self, clients: Clients) -> None:
        deployed = clients.deployed
        self._clients = clients
        self._place = (deployed.resource_group, deployed.logic_app)
        self._subject = f"Logic App {deployed.logic_app}"

    def runs(self, query: Query = Query(), limit: int | None = None) -> Iterator[Run]:
        """Runs that `query` admits, newest first, read page by page (pages may be empty)."""
        return islice(self._runs(query, limit), limit)

    def _runs(self, query: Query, limit: int | None) -> Iterator[Run]:
        top = min(_PAGE, limit) if limit else _PAGE
        with Explained(self._subject):
            listed: Iterable[Any] = self._clients.logic.workflow_runs.list(*self._place, top=top, filter=query.filter)
            yield from (run for run in map(run_of, listed) if query.admits(run))

    def find(self, name: str) -> Run:
        """One run by its name, or the newest (`last`), or the newest that failed (`failed`)."""
        if name in (LAST, LAST_FAILED):
            status = "Failed" if name == LAST_FAILED else None
            return self._newest(status)
        with Explained(self._subject):
            return run_of(self._clients.logic.workflow_runs.get(*self._place, name))

    def _newest(self, status: str | None) -> Run:
        for run in self.runs(Query(status), limit=1):
            return run
        raise FlowError(f"{self._subject} has no {'failed ' if status else ''}run in its history")

    def actions(self, run: str, contents: bool = True) -> list[Action]:
        """All actions of a run, also nested ones, in the order in which they began."""
        with Explained(self._subject):
            listed: Iterable[Any] = self._clients.logic.workflow_run_actions.list(*self._place, run)
            actions = [action_of(found, contents) for found in listed]
        return sorted(actions, key=_order)

    def failed_repetitions(self, run: str, action: str) -> list[Action]:
        """The first failed repetitions of an action that a loop ran; the name of each is its place in the loop."""
        client = self._clients.logic.workflow_run_action_repetitions
        with Explained(self._subject):
            listed: Iterable[Any] = client.list(*self._place, run, action)
            failed = (found for found in listed if str(found.status) in FAILURES)
            return [action_of(found) for found in islice(failed, _FAILED_REPETITIONS)]

    def resubmit(self, run: Run) -> str | None:
        """Run again with the same trigger data. The name of the new run, if the service tells it."""
        with Explained(self._subject):
            # The trigger's history of a run has the run's name.
            histories = self._clients.logic.workflow_trigger_histories
            again: str | None = histories.resubmit(*self._place, run.trigger, run.name, cls=run_name)
            return again

    def cancel(self, run: str) -> None:
        """Cancel a run that is going on; raises `FlowError` where it has ended."""
        with Explained(self._subject):
            self._clients.logic.workflow_runs.cancel(*self._place, run)

    def started_after(self, moment: datetime) -> Run | None:
        """The newest run that began at `moment` or later (less a minute, as clocks differ)."""
        return next(self.runs(Query(since=moment - timedelta(minutes=1)), limit=1), None)


def _order(action: Action) -> tuple[bool, datetime, bool, datetime]:
    """When an action began, then when it ended; last what has not."""
    never = datetime.max.replace(tzinfo=UTC)
    return action.started is None, action.started or never, action.ended is None, action.ended or never


@dataclass
class Patience:
    """How long to follow a run and how often to look; `now` and `sleep` are given from outside."""

    seconds: float
    now: Callable[[], float]
    sleep: Callable[[float], None]
    pause: float = 1.0


def follow(history: RunHistory, name: str, patience: Patience, tell: Callable[[Action], None]) -> Run:
    """Wait for the end of a run and tell each action when it has ended; raises `FlowError` if it takes too long."""
    deadline = patience.now() + patience.seconds
    told: set[str] = set()
    while True:
        run = history.find(name)  # before its actions: none of them can be missed at the end
        for action in history.actions(name, contents=False):
            if action.ended is not None and action.name not in told:
                told.add(action.name)
                tell(action)
        if run.is_finished:
            return run
        if patience.now() >= deadline:
            raise FlowError(f"run {name} is still {run.status} after {patience.seconds:g} seconds; it goes on")
        patience.sleep(patience.pause)


def culprit(actions: Iterable[Action]) -> Action | None:
    """The action that made a run fail: the first that failed by itself, not because of one inside or before it."""
    failed = [action for action in actions if action.status in FAILURES]
    own = [action for action in failed if action.code not in ("ActionFailed", "ActionBranchingConditionNotSatisfied")]
    return next(iter(own or failed), None)


def stamp(moment: datetime) -> str:
    """A moment as the service's filters take it: UTC, `2026-11-24T12:00:00Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z").replace(".000000Z", "Z")
