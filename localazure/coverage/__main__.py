"""`python -m localazure.coverage [--json] [FILE]`: print the coverage, or renew the part of FILE that shows it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from localazure.coverage.render import NoPlace, as_data, markdown, renewed
from localazure.coverage.tables import tables


def main(arguments: list[str]) -> int:
    """The exit code: 1 if a file has no part for the coverage."""
    files = [Path(argument) for argument in arguments if argument != "--json"]
    if not files:
        print(json.dumps(as_data(tables()), indent=1) if "--json" in arguments else markdown(tables()))
        return 0
    try:
        for file in files:
            file.write_text(renewed(file.read_text(encoding="utf-8"), tables()), encoding="utf-8")
    except (NoPlace, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
