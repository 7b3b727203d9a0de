"""Metric alerts: evaluates the rules on the clock, and at once when a watched metric gets a value.

Deviation from Azure: there a rule is evaluated every `evaluationFrequency` only, some minutes late; here a new value of
a watched metric is looked at in the same moment too, so that a failed run is mailed about within a second.

An alert with `autoMitigate` is fired once and resolved after three evaluations in a row that do not meet its
condition; one without is fired again whenever its condition is met, at most once each `evaluationFrequency`.
Source: "Types of Azure Monitor alerts", metric alerts.

State and unsent mails are on disk: a restart neither fires twice nor forgets a mail.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from localazure.arm.documents import Documents
from localazure.clock import Clock
from localazure.connectors.mail import OutgoingMail
from localazure.monitor.alert_mail import FIRED, RESOLVED, Notice
from localazure.monitor.alert_state import AlertState, AlertStates
from localazure.monitor.catalogue import definition
from localazure.monitor.metrics import Metrics
from localazure.monitor.notifications import Notifications
from localazure.monitor.rules import Criterion, Rule, RuleError, parse_rule
from localazure.store import Store

RULES = "Microsoft.Insights/metricAlerts"
HEALTHY_CHECKS = 3
"""Evaluations in a row that resolve an alert."""

Deliver = Callable[[OutgoingMail], Awaitable[None]]

_LOG = logging.getLogger(__name__)


class Alerts:
    """All metric alerts of the local cloud.

    `documents` hold the rules and action groups, `deliver` sends a mail to the inbox. `await start()` runs them in the
    background; without it, `evaluate` and `settle` do the same on demand, which is how tests move the clock.
    """

    def __init__(self, store: Store, documents: Documents, metrics: Metrics, deliver: Deliver, clock: Clock) -> None:
        self._store = store
        self._documents = documents
        self._metrics = metrics
        self._clock = clock
        self._states = AlertStates(store)
        self._notifications = Notifications(store, documents, deliver)
        self._rules: dict[str, Rule] | None = None
        self._hot: set[str] = set()
        self._wake: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        metrics.listen(self._noticed)

    async def start(self) -> None:
        """Evaluate in the background until `stop`."""
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        self._wake.set()
        self._task = self._loop.create_task(self._run())

    async def stop(self) -> None:
        """Stop evaluating; what is unsent is sent after the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def rules_changed(self) -> None:
        """Read the rules anew: call it after each change of one."""
        self._rules = None
        known = self._known_rules()
        self._states.keep_only(known)
        for rule in known.values():
            for resource in rule.scopes:
                self._states.ensure(rule.id, resource, self._clock.now())
        self._awake()

    def states(self, rule_id: str) -> list[AlertState]:
        """The state of a rule for each resource it watches."""
        return self._states.of_rule(rule_id)

    async def evaluate(self) -> None:
        """Evaluate every enabled rule now, as its schedule does, and send what there is to send."""
        for rule in list(self._known_rules().values()):
            self._evaluate(rule, scheduled=True)
        await self._notifications.send()

    async def settle(self) -> None:
        """Evaluate what was recorded since, and send what there is to send."""
        hot, self._hot = self._hot, set()
        for key in hot:
            if (rule := self._known_rules().get(key)) is not None:
                self._evaluate(rule, scheduled=False)
        await self._notifications.send()

    async def send_test(self, group: str, receivers: Iterable[str]) -> None:
        """Send the test mail of an action group (its name) to these addresses."""
        self._notifications.add_test(group, receivers)
        await self._notifications.send()

    async def _run(self) -> None:
        assert self._wake is not None
        while True:
            try:
                await self.settle()
                await self._evaluate_due()
                until = self._next_due()
            except Exception as error:  # one bad rule must not end the watch; the text may hold data, so it stays out
                _LOG.error("alerts: %s while evaluating; the watch goes on", type(error).__name__)
                until = self._clock.now() + timedelta(minutes=1)
            await self._sleep(until)

    async def _sleep(self, until: datetime | None) -> None:
        assert self._wake is not None
        waits: list[asyncio.Future[object]] = [asyncio.ensure_future(self._wake.wait())]
        if until is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep_until(until)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        self._wake.clear()

    async def _evaluate_due(self) -> None:
        now = self._clock.now()
        for rule in self._enabled():
            if self._due(rule) <= now:
                self._evaluate(rule, scheduled=True)
        await self._notifications.send()

    def _next_due(self) -> datetime | None:
        return min((self._due(rule) for rule in self._enabled()), default=None)

    def _due(self, rule: Rule) -> datetime:
        last = max((state.checked for state in self._states.of_rule(rule.id)), default=self._clock.now())
        return _next_multiple(last, rule.frequency)

    def _enabled(self) -> list[Rule]:
        return [rule for rule in self._known_rules().values() if rule.enabled]

    def _known_rules(self) -> dict[str, Rule]:
        if self._rules is None:
            self._rules = {rule.id.lower(): rule for rule in _parsed(self._documents)}
        return self._rules

    def _noticed(self, resource_id: str, name: str) -> None:
        resource = resource_id.lower()
        for key, rule in self._known_rules().items():
            if rule.enabled and _watches(rule, resource, name):
                self._hot.add(key)
                self._awake()

    def _awake(self) -> None:
        if self._wake is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    def _evaluate(self, rule: Rule, *, scheduled: bool) -> None:
        if not rule.enabled:
            return
        for resource in rule.scopes:
            with self._store.transaction():
                self._evaluate_resource(rule, resource, scheduled)

    def _evaluate_resource(self, rule: Rule, resource: str, scheduled: bool) -> None:
        now = self._clock.now()
        state = self._states.ensure(rule.id, resource, now)
        values = tuple(self._value(rule, criterion, resource, state.since, now) for criterion in rule.criteria)
        met = all(criterion.holds(value) for criterion, value in zip(rule.criteria, values, strict=True))
        if scheduled:
            state = state.checked_at(now, met)
        if met and _may_fire(rule, state, now):
            state = state.fired(now, str(uuid.uuid4()))
            self._notify(rule, state, FIRED, now, values)
        elif rule.auto_mitigate and state.condition == FIRED and state.healthy >= HEALTHY_CHECKS:
            state = state.resolved()
            self._notify(rule, state, RESOLVED, now, values)
        self._states.save(state)

    def _notify(
        self, rule: Rule, state: AlertState, condition: str, now: datetime, values: tuple[float | None, ...]
    ) -> None:
        fired_at = state.fired_at or now
        self._notifications.add(Notice(rule, state.resource, condition, state.alert_id, fired_at, now, values))

    def _value(self, rule: Rule, criterion: Criterion, resource: str, since: datetime, now: datetime) -> float | None:
        start = now - rule.window
        # The minute that has just begun counts too: on a full minute it holds the value that woke the rule.
        bucket = self._metrics.total(resource, criterion.metric, start, now + timedelta(microseconds=1))
        if bucket.count:
            return bucket.value(criterion.aggregation)
        known = definition(criterion.namespace, criterion.metric)
        # A count of which nothing came is 0, but only if the rule was there all the time to see it: a new rule must
        # not report that nothing ran before it was made.
        counts = known is not None and known.unit == "Count" and criterion.aggregation in ("Total", "Count")
        return 0.0 if counts and start >= since else None


def _parsed(documents: Documents) -> Iterable[Rule]:
    for document in documents.list(RULES):
        with suppress(RuleError):  # written by an older version that accepted more
            yield parse_rule(document)


def _watches(rule: Rule, resource: str, metric: str) -> bool:
    return any(scope.lower() == resource for scope in rule.scopes) and any(
        criterion.metric.lower() == metric.lower() for criterion in rule.criteria
    )


def _may_fire(rule: Rule, state: AlertState, now: datetime) -> bool:
    if rule.auto_mitigate:
        return state.condition != FIRED
    return state.fired_at is None or now - state.fired_at >= rule.frequency


def _next_multiple(last: datetime, frequency: timedelta) -> datetime:
    width = int(frequency.total_seconds())
    return datetime.fromtimestamp((int(last.timestamp()) // width + 1) * width, UTC)
