"""Evaluations a second of the expression language, over the recorded cases that have results.

Cold: a text is parsed, bound and evaluated for the first time. Warm: it has been compiled and is evaluated again.
One process, one thread; seconds of processor time, so that other work on the machine does not count.
`python -m benchmarks.language`
"""

from __future__ import annotations

import gc
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any, Final

from wdl.context import Context
from wdl.template import clear_compiled, compile_template

VECTORS: Final = Path(__file__).resolve().parent.parent / "tests" / "vectors"
ROUNDS: Final = 5
GOALS: Final = {"cold": 20_000, "warm": 100_000}


def sources() -> list[str]:
    """The recorded expressions that have results."""
    found: list[str] = []
    for name in ("typed", "expressions"):
        with lzma.open(VECTORS / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            cases: list[dict[str, Any]] = [json.loads(line) for line in lines]
        found += [case["expr"] for case in cases if "result_json" in case]
    return found


def best_rate(work: Callable[[], None], count: int, prepare: Callable[[], None] = lambda: None) -> float:
    """The highest of some rounds, in evaluations a second."""
    rates = []
    for _ in range(ROUNDS):
        prepare()
        start = process_time()
        work()
        rates.append(count / (process_time() - start))
    return max(rates)


def measure() -> dict[str, float]:
    """Evaluations a second, cold and warm."""
    texts = sources()
    context = Context(actions=json.loads((VECTORS / "actions.json").read_text(encoding="utf-8")))
    for text in texts:  # loads what is loaded on first use: cultures, time zones, the order of characters
        compile_template(text).evaluate(context)
    gc.freeze()

    def cold() -> None:
        for text in texts:
            compile_template(text).evaluate(context)

    cold_rate = best_rate(cold, len(texts), prepare=clear_compiled)
    templates = [compile_template(text) for text in texts]
    gc.freeze()

    def warm() -> None:
        for template in templates:
            template.evaluate(context)

    return {"cold": cold_rate, "warm": best_rate(warm, len(texts))}


def main() -> None:
    """Print the figures beside their goals."""
    for name, rate in measure().items():
        print(f"{name}: {rate:,.0f} evaluations a second (goal {GOALS[name]:,})")


if __name__ == "__main__":
    main()
