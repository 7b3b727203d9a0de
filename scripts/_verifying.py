"""What verify_azure.py does: deploy a throw-away stack, probe, write the report, remove everything whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from leads.environment import Deployed as Outputs
from leads.environment import StackError, read_stack
from leads.errors import LeadsError
from leads.table import LeadTable
from scripts._console import Console
from scripts._project import NAME, ROOT
from scripts._throwaway import ThrowAway
from verify.patience import Patience
from verify.probing import Result, probe_all
from verify.report import Report, summarized
from verify.site import Deployed, Site
from verify.statement import Need, Statement, Verdict

_LEAD_ROWS = 1000
_WORKERS = 8


class StoppedError(LeadsError):
    """A probe was told to stop."""


@dataclass(frozen=True)
class Options:
    """The command line, checked. `leads_of`: a stack with real leads; `consent`: wait for a person to give it."""

    is_local: bool
    statements: Sequence[Statement]
    output: Path
    leads_of: str
    consent: bool


class Verification:
    """One run of the kit. `removed` and `report` tell how it ended."""

    def __init__(self, throwaway: ThrowAway, options: Options, environ: Mapping[str, str], console: Console) -> None:
        self._throwaway, self._options, self._environ, self._console = throwaway, options, environ, console
        self._stop = threading.Event()
        self._deployed: Deployed | None = None
        place = "local cloud" if options.is_local else "azure"
        self.report = Report(place, throwaway.wanted.location, _program(), datetime.now(UTC))

    def run(self) -> bool:
        """Whether all probes ran and everything was removed; the report is written in any case."""
        try:
            with _terminated():
                self._probe()
            self.report.ended = "complete"
        except KeyboardInterrupt:
            self._console.error("interrupted; removing what was made")
        except LeadsError as error:
            self.report.ended = str(error)
            self._console.error(str(error))
        finally:
            self._stop.set()
            with _patient(self._console):
                self._remove()
            where = self._write()
        self._console.note(f"{summarized(self.report.results)}. The report: {where}")
        return self.report.ended == "complete" and self.report.removed

    def _write(self) -> str:
        """Where the report is: in its file, or, where that cannot be written any more, on standard output."""
        file = self._options.output
        try:
            self.report.write(file, self._deployed)
        except OSError as error:
            self._console.error(f"{file} cannot be written: {error.strerror}; keep what follows")
            print(json.dumps(self.report.as_json(self._deployed), indent=2, ensure_ascii=False))
            return "above"
        return str(file)

    def _probe(self) -> None:
        group = self._throwaway.wanted.group
        with self._console.waiting(f"Deploying the throw-away stack into the resource group {group}"):
            outputs = self._throwaway.deploy()
        self._deployed = deployed_of(outputs, self._throwaway.wanted.location)
        self._console.step(f"Deployed into the resource group {group}")
        site = self._site(self._deployed)
        if self._options.consent:
            site.consent_came_back = self._consent(outputs)
        probe_all(site, self._options.statements, self._tell, _WORKERS, self._stop)

    def _site(self, deployed: Deployed) -> Site:
        from verify.arm import Arm

        return Site(
            Arm(self._environ, deployed.subscription),
            deployed,
            patience(self._options.is_local, self._sleep),
            engine=self._throwaway,
            lead_rows=self._lead_rows if self._options.leads_of else None,
            recipient=self._throwaway.wanted.recipients[0],
        )

    def _lead_rows(self) -> list[dict[str, Any]]:
        leads = read_stack(self._options.leads_of, ROOT)
        with LeadTable(leads.connection_string, leads.table) as table:
            return list(islice(table.rows(), _LEAD_ROWS))

    def _consent(self, outputs: Mapping[str, Any]) -> bool:
        """Wait for a person. Whether the consent came; without it some statements stay open, others are probed."""
        from scripts._renewing import Options as Renewal
        from scripts._renewing import renew

        try:
            renew(_outputs(outputs), Renewal(anew=False, browser=True, timeout=600, as_json=False), self._console)
        except LeadsError as error:
            self._console.warn(f"Going on without the consent: {error}")
            return False
        return True

    def _tell(self, result: Result) -> None:
        self.report.results.append(result)
        text = f"{result.verdict} {result.statement.id}"
        if result.verdict is Verdict.CONFIRMED:
            self._console.step(text)
        else:
            self._console.warn(f"{text}: {result.why or result.statement.text}")

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise StoppedError("stopped")

    def _remove(self) -> None:
        group = self._throwaway.wanted.group
        cure = f"`az group delete --name {group}` removes it" if not self._options.is_local else "`localazure reset`"
        try:
            with self._console.waiting(f"Removing the resource group {group}"):
                self.report.removed = self._throwaway.remove(patience(self._options.is_local, time.sleep))
        except LeadsError as error:
            self._console.error(f"the resource group {group} may be left: {error}; {cure}")
            return
        if not self.report.removed:
            self._console.error(f"the resource group {group} is still being deleted; look again later, {cure}")
            return
        self._console.step(f"Removed the resource group {group} with all that was in it")


def patience(is_local: bool, sleep: Callable[[float], None]) -> Patience:
    """How long to wait: on Azure for its minutes, on the local cloud for its tenths of a second."""
    if is_local:
        return Patience(time.monotonic, sleep, long=60, quiet=1.5, pause=0.1, monitor=7 * 60)
    return Patience(time.monotonic, sleep)


def deployed_of(outputs: Mapping[str, Any], location: str) -> Deployed:
    """The throw-away stack, out of its outputs."""
    workflow_id = str(outputs["logicAppId"]).split("/")
    group_id = "/".join(workflow_id[:5])
    return Deployed(
        subscription=workflow_id[2],
        group=workflow_id[4],
        location=location,
        account=str(outputs["storageAccountName"]),
        table=str(outputs["leadTableName"]),
        connection_string=str(outputs["connectionString"]),
        tables_connection=f"{group_id}/providers/Microsoft.Web/connections/azuretables",
        mail_connection=str(outputs["mailConnectionId"]),
        workflow=workflow_id[8],
    )


def without(statements: Sequence[Statement], *needs: Need) -> list[Statement]:
    """The statements that do not need any of these."""
    return [one for one in statements if not set(needs) & set(one.needs)]


def _outputs(outputs: Mapping[str, Any]) -> Outputs:
    missing = [name for name in ("leadTableName", "logicAppId", "connectionString") if not outputs.get(name)]
    if missing:
        raise StackError(f"the throw-away stack has no output {missing[0]}; this checkout is not whole")
    return Outputs(
        stack="the throw-away stack",
        table=outputs["leadTableName"],
        account=str(outputs.get("storageAccountName", "")),
        logic_app_id=outputs["logicAppId"],
        connection_string=outputs["connectionString"],
    )


def _program() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return NAME
    return f"{NAME} {done.stdout.strip()}".strip()


@contextmanager
def _terminated() -> Iterator[None]:
    """A polite kill is a Ctrl-C: what was made is removed."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _patient(console: Console) -> Iterator[None]:
    """One Ctrl-C does not end the removal; a second one does."""
    asked: list[int] = []

    def once(number: int, _frame: object) -> None:
        asked.append(number)
        if len(asked) > 1:
            os._exit(130)
        console.warn("Still removing what was made; once more leaves it where it is")

    before = {number: signal.signal(number, once) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
