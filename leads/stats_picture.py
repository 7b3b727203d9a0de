"""The statistics as a picture: runs by status, leads, and how long leads waited, on one axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from leads.errors import LeadsError
from leads.runs import FAILURES
from leads.stats import Statistics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours that people who do not tell red from green tell apart too (Okabe and Ito).
_GOOD, _BAD, _OTHER, _LEADS, _WAITS = "#009E73", "#D55E00", "#999999", "#0072B2", "#CC79A7"


class PictureError(LeadsError):
    """The picture cannot be drawn or written."""


def draw(statistics: Statistics, title: str, path: Path) -> None:
    """Write the picture; the ending of `path` says the format (png, svg, pdf). Raises `PictureError`."""
    from matplotlib.figure import Figure  # without pyplot: no window, no display needed

    figure = Figure(figsize=(10, 6.5), layout="constrained")
    runs, leads, waits = figure.subplots(3, 1, sharex=True, height_ratios=(2, 1, 1))
    figure.suptitle(title, x=0.01, ha="left")
    _draw_runs(runs, statistics)
    _bars(leads, statistics, [period.leads for period in statistics.periods], "leads", _LEADS)
    _bars(waits, statistics, [(period.longest_wait or 0) / 60 for period in statistics.periods], "wait", _WAITS)
    for axes, label in ((runs, "runs"), (leads, "leads"), (waits, "longest wait\nof a lead (min)")):
        axes.set_ylabel(label)
    waits.set_xlabel("time (UTC)")
    _label_dates(waits)
    figure.legend(*runs.get_legend_handles_labels(), loc="outside upper right", ncols=3, frameon=False)
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "write to a file that ends in .png, .svg or .pdf"
        raise PictureError(f"the picture {path} cannot be written: {reason}") from None


def _draw_runs(axes: Axes, statistics: Statistics) -> None:
    """Failures at the bottom, where a single one is seen."""
    floor = [0.0] * len(statistics.periods)
    for name, colour, statuses in (("failed", _BAD, FAILURES), ("succeeded", _GOOD, {"Succeeded"})):
        heights = [sum(period.runs[status] for status in statuses) for period in statistics.periods]
        floor = _bars(axes, statistics, heights, name, colour, floor)
    others = [period.runs.total() - below for period, below in zip(statistics.periods, floor, strict=True)]
    _bars(axes, statistics, others, "other", _OTHER, floor)
    axes.yaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]  # a locator of its own kind


def _bars(
    axes: Axes,
    statistics: Statistics,
    heights: Sequence[float],
    label: str,
    colour: str,
    floor: Sequence[float] | None = None,
) -> list[float]:
    """Draw bars upon `floor` and return where they end."""
    days = timedelta(days=1)
    zero = statistics.since
    begins = [_number(zero) + (period.begin - zero) / days for period in statistics.periods]
    below = floor or [0.0] * len(heights)
    width = statistics.step / days
    axes.bar(begins, heights, width=width, bottom=below, label=label, color=colour, align="edge", edgecolor="white")
    axes.set_xlim(begins[0], _number(statistics.until))
    tops = [under + height for under, height in zip(below, heights, strict=True)]
    axes.set_ylim(0, max(1, *tops) * 1.08)
    return tops


def _number(moment: datetime) -> float:
    """A moment on matplotlib's axis: days since 1970."""
    return moment.timestamp() / 86400


def _label_dates(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
