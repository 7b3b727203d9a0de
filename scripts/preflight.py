#!/usr/bin/env python
"""Check that a stack can be deployed: sign-in, subscription, providers, roles, policies, locks, names.

Exit code: 0 nothing is in the way, 1 something must be mended, 2 wrong usage, 3 nothing could be checked.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts._console import Console  # noqa: E402
from scripts._stack import JsonOption, StackOption, choose_stack, need_local_cloud  # noqa: E402


def preflight(
    stack: StackOption = None,
    subscription: Annotated[str | None, typer.Option(help="Subscription id. [as the provider finds it]")] = None,
    as_json: JsonOption = False,
) -> None:
    console = Console(quiet=as_json)
    name = choose_stack(stack, console)
    need_local_cloud(console, code=3)
    from scripts._findings import as_json as listed
    from scripts._findings import exit_code, is_complete, show, verdict

    with console.waiting(f"Asking Azure about stack {name}"):
        found = _findings(name, subscription, console)
    if as_json:
        verdicts = {"ready": exit_code(found) == 0, "complete": is_complete(found)}
        print(json.dumps({"stack": name, **verdicts, "findings": listed(found)}, indent=2))
    show(found, console)
    if problem := verdict(found):
        console.fail(f"stack '{name}' cannot be deployed: {problem}", exit_code(found))
    console.note(f"Stack {name} can be deployed{'' if is_complete(found) else ', as far as could be checked'}.")


def _findings(stack: str, given: str | None, console: Console) -> Any:
    from scripts._arm import Arm
    from scripts._preflight import Target, check
    from scripts._subscription import Subscription, subscription_of

    config = _config(stack)
    named = Subscription(given, "--subscription") if given else subscription_of(config, os.environ)
    if named is None:
        console.fail("which subscription? Run `az login`, or say --subscription ID", 2)
    return check(Arm(os.environ, named.id), Target(stack, config), named)


def _config(stack: str) -> dict[str, Any]:
    import yaml

    file = ROOT / f"Pulumi.{stack}.yaml"
    found = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None
    return dict((found or {}).get("config") or {})


def main() -> None:
    """Run the command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(help=__doc__)(preflight)
    app()


if __name__ == "__main__":
    main()
