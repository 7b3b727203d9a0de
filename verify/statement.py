"""A statement that nobody could verify, and the probe that settles it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.site import Site


class Verdict(StrEnum):
    """What a probe found out."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    OPEN = "open"  # what it needs was not there; `why` says what
    FAILED = "failed"  # the probe itself broke


class Need(StrEnum):
    """What a probe needs beyond the throw-away stack."""

    CONSENT = "a person who gives the Office 365 connection its consent"
    MINUTES = "several minutes of waiting for Azure Monitor"
    LEADS = "the lead table of a stack that Microsoft delivers to"


@dataclass(frozen=True)
class Observation:
    """What a probe saw. `holds` is None where it could not decide, and `why` says for want of what.

    `seen` goes into the report: JSON values, no secret, nothing of a person.
    """

    holds: bool | None
    seen: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


Probe = Callable[["Site"], Observation]


@dataclass(frozen=True)
class Statement:
    """`id` is its anchor in docs/unverified.md; `text` what this project takes for true; `otherwise` what would follow
    if it were not; `places` the files that build on it."""

    id: str
    topic: str
    text: str
    otherwise: str
    places: tuple[str, ...]
    probe: Probe
    needs: tuple[Need, ...] = ()

    @property
    def how(self) -> str:
        """How the probe finds out: its docstring, on one line."""
        return " ".join((self.probe.__doc__ or "").split())


@dataclass
class Topic:
    """A group of statements that are declared in one module: `@topic.statement("id", …)` above each probe."""

    title: str
    statements: list[Statement] = field(default_factory=list)

    def statement(
        self, id_: str, text: str, *, otherwise: str, places: tuple[str, ...], needs: tuple[Need, ...] = ()
    ) -> Callable[[Probe], Probe]:
        """Declare a statement together with its probe."""

        def declare(probe: Probe) -> Probe:
            self.statements.append(Statement(id_, self.title, text, otherwise, places, probe, needs))
            return probe

        return declare


def unless(condition: bool, why: str, seen: Mapping[str, Any] | None = None) -> Observation | None:
    """An open observation where `condition` does not hold."""
    return None if condition else Observation(None, seen or {}, why)
