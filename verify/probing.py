"""Runs the probes, side by side as most of them only wait, and keeps what they saw."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import AzureError

from leads.errors import LeadsError
from verify.site import Site
from verify.statement import Need, Observation, Statement, Verdict

Tell = Callable[["Result"], None]


@dataclass(frozen=True)
class Result:
    """What came out for one statement."""

    statement: Statement
    verdict: Verdict
    seen: dict[str, Any]
    why: str
    seconds: float


def probe_all(site: Site, statements: Iterable[Statement], tell: Tell, workers: int, stop: threading.Event) -> None:
    """Run the probes and `tell` each result as it comes, on the calling thread.

    What touches the consent runs after everything else, as it may end it. Once `stop` is set, no probe begins.
    """
    chosen = list(statements)
    last = [one for one in chosen if Need.CONSENT in one.needs]
    _side_by_side(site, [one for one in chosen if one not in last], tell, workers, stop)
    for statement in last:
        if not stop.is_set():
            tell(probe(site, statement))


def _side_by_side(site: Site, statements: Sequence[Statement], tell: Tell, workers: int, stop: threading.Event) -> None:
    def one(statement: Statement) -> Result | None:
        return None if stop.is_set() else probe(site, statement)

    pool = ThreadPoolExecutor(workers, thread_name_prefix="probe")
    try:
        for future in as_completed([pool.submit(one, statement) for statement in statements]):
            if (result := future.result()) is not None:
                tell(result)
    except BaseException:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def probe(site: Site, statement: Statement) -> Result:
    """Run one probe; whatever it raises becomes the verdict `failed`, so that the others go on."""
    began = time.monotonic()
    try:
        observation = statement.probe(site)
    except LeadsError as error:
        return Result(statement, Verdict.FAILED, {}, str(error), _since(began))
    except AzureError as error:
        return Result(statement, Verdict.FAILED, {}, _named(error), _since(began))
    except Exception as error:  # its text may quote what it worked on: only its kind is told
        return Result(statement, Verdict.FAILED, {}, f"the probe broke: {type(error).__name__}", _since(began))
    return Result(statement, _verdict(observation), dict(observation.seen), observation.why, _since(began))


def _verdict(observation: Observation) -> Verdict:
    if observation.holds is None:
        return Verdict.OPEN
    return Verdict.CONFIRMED if observation.holds else Verdict.REFUTED


def _named(error: AzureError) -> str:
    return f"{type(error).__name__} {getattr(error, 'status_code', '') or ''}".strip()


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)
