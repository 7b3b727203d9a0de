#!/usr/bin/env python
"""Make what a team needs around the stacks, once: state container, secrets key, identities for GitHub.

A second run changes nothing. --dry-run tells what would be made; --destroy takes it all away again.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts._console import Console  # noqa: E402
from scripts._stack import JsonOption, need_local_cloud, told  # noqa: E402

if TYPE_CHECKING:
    from scripts._arm import Arm
    from scripts._bootstrap import Done
    from scripts._bootstrap_plan import Plan

_SKUS = ("Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_GZRS")
_SECRETS_PROVIDER = "PULUMI_SECRETS_PROVIDER"  # goes into the stacks' files, which every job reads


def bootstrap(
    repository: Annotated[str | None, typer.Option(help="OWNER/REPO on GitHub.")] = None,
    subject_prefix: Annotated[
        str | None, typer.Option(help="What its tokens' subjects begin with. [as gh says]")
    ] = None,
    environment: Annotated[list[str] | None, typer.Option(help="GitHub environments. [dev, staging, prod]")] = None,
    branch: Annotated[str, typer.Option(help="Branch of the nightly look for drift.")] = "main",
    subscription: Annotated[str | None, typer.Option(help="Subscription id. [as az account set]")] = None,
    location: Annotated[str, typer.Option(help="Region.")] = "westeurope",
    sku: Annotated[str, typer.Option(help=f"Redundancy of the state: {', '.join(_SKUS)}.")] = "Standard_LRS",
    name: Annotated[str, typer.Option(help="What the names begin with.")] = "marketplace-leads",
    me: Annotated[bool, typer.Option("--me/--not-me", help="Let who is signed in use state and key, too.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell, and change nothing.")] = False,
    destroy: Annotated[bool, typer.Option("--destroy", help="Take everything away again.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Destroy although stacks are still deployed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --destroy.")] = False,
    as_json: JsonOption = False,
) -> None:
    console = Console(quiet=as_json)
    _check_options(name, sku, console)
    with told(console):
        arm = _arm(subscription, console)
        prefix = "" if destroy else _prefix(repository, subject_prefix, console)
        environments = tuple(environment or ("dev", "staging", "prod"))
        plan = _plan(arm, name, location.replace(" ", "").lower(), sku, prefix, environments, branch, me)
        if destroy:
            _destroy(arm, plan, console, dry_run, force, yes, as_json)
        else:
            _make(arm, plan, console, dry_run, repository or "", as_json)


def _check_options(name: str, sku: str, console: Console) -> None:
    if not re.fullmatch(r"[a-z][-a-z0-9]{2,39}", name):
        console.fail(f"--name {name!r} is not allowed; it has 3 to 40 lower-case letters, digits and '-'", 2)
    if sku not in _SKUS:
        console.fail(f"--sku {sku!r} is not allowed; choose one of {', '.join(_SKUS)}", 2)


def _arm(given: str | None, console: Console) -> Arm:
    from scripts._arm import Arm
    from scripts._subscription import Subscription, subscription_of

    named = Subscription(given, "--subscription") if given else subscription_of({}, os.environ)
    if named is None:
        console.fail("which subscription? Run `az login`, or say --subscription ID", 2)
    need_local_cloud(console)
    where = "the local cloud" if os.environ.get("LOCALAZURE_ARM_ENDPOINT") else "Azure"
    console.note(f"Subscription {named.id} of {where} (by {named.source})")
    return Arm(os.environ, named.id)


def _prefix(repository: str | None, given: str | None, console: Console) -> str:
    from scripts import _github

    if not repository:
        console.fail("which repository? Say --repository OWNER/REPO", 2)
    _github.check_repository(repository)
    return _github.subject_prefix(repository, given)


def _plan(
    arm: Arm,
    name: str,
    location: str,
    sku: str,
    prefix: str,
    environments: tuple[str, ...],
    branch: str,
    me: bool,
) -> Plan:
    from scripts._bootstrap_plan import Person, Plan, Wanted

    who = arm.claims()
    person = Person(str(who["oid"]), "ServicePrincipal" if who.get("idtyp") == "app" else "User") if me else None
    tenant = str(who["tid"])
    return Plan(Wanted(arm.subscription, tenant, name, location, sku, prefix, environments, branch, person))


def _make(arm: Arm, plan: Plan, console: Console, dry_run: bool, repository: str, as_json: bool) -> None:
    from scripts._bootstrap import Bootstrap

    making = Bootstrap(arm, plan, time.sleep, dry_run)
    making.check_rights()
    done = _tell(making.run(), console, dry_run)
    variables = making.variables()
    if as_json:
        print(json.dumps({"dryRun": dry_run, "done": done, "variables": variables}, indent=2))
    if variables:
        _tell_settings(variables, repository, plan.wanted.environments, console)


def _destroy(arm: Arm, plan: Plan, console: Console, dry_run: bool, force: bool, yes: bool, as_json: bool) -> None:
    from scripts._bootstrap_destroy import Destroy, names_of_lost

    removing = Destroy(arm, plan, time.sleep, dry_run)
    if not force:
        removing.check_unused()
    if not (yes or dry_run):
        _ask(f"This deletes {names_of_lost(plan)}.", plan.wanted.name, console)
    done = _tell(removing.run(), console, dry_run)
    until = removing.recoverable_until()
    if as_json:
        print(json.dumps({"dryRun": dry_run, "done": done, "recoverableUntil": until or None}, indent=2))
    if until:
        console.note(f"The vault can be recovered until {until}: another run of bootstrap does it.")


def _ask(what: str, name: str, console: Console) -> None:
    if not sys.stdin.isatty():
        console.fail(f"{what} Say --yes to do it without a question", 2)
    if typer.prompt(f"{what} Type {name} to go on") != name:
        console.fail("nothing was deleted")


def _tell(done: Iterable[Done], console: Console, dry_run: bool) -> list[dict[str, Any]]:
    listed = []
    for item in done:
        would = "would be " if dry_run and item.action != "unchanged" else ""
        console.step(f"{item.title}: {would}{item.action}")
        listed.append(vars(item))
    if not listed:
        console.note("There is nothing.")
    return listed


def _tell_settings(variables: dict[str, str], repository: str, environments: Iterable[str], console: Console) -> None:
    console.note("\nVariables of the repository (none is a secret):")
    of_repository = [(name, value) for name, value in variables.items() if name != _SECRETS_PROVIDER]
    for name, value in of_repository:
        console.note(f"    gh variable set {name} --repo {repository} --body '{value}'")
    console.note(f"Environments of the repository: {', '.join(environments)}; give prod required reviewers.")
    console.note("Once for each stack, then commit its file:")
    console.note(f"    export PULUMI_BACKEND_URL='{variables['PULUMI_BACKEND_URL']}'")
    console.note(f"    pulumi stack init NAME --secrets-provider '{variables[_SECRETS_PROVIDER]}'")
    if os.environ.get("LOCALAZURE_ARM_ENDPOINT"):
        console.note("The local cloud keeps all of this as documents: it serves no blobs, and no key that encrypts.")


def main() -> None:
    """Run the command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(help=__doc__)(bootstrap)
    app()


if __name__ == "__main__":
    main()
