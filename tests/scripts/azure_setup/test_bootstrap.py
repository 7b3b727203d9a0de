"""bootstrap.py against the local cloud: what it makes, that a second run changes nothing, that it goes away again."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localazure.credentials import PRINCIPAL_ID, SUBSCRIPTION_ID, TENANT_ID
from scripts import _bootstrap_plan as plans
from scripts._arm import Arm, ArmRefusedError
from scripts._bootstrap import Bootstrap, BootstrapError, differences
from scripts._bootstrap_destroy import Destroy
from scripts._bootstrap_plan import Person, Plan, Wanted
from scripts._github import GithubError, check_repository, subject_prefix

pytestmark = pytest.mark.cloud

PREFIX = "repo:contoso@12/leads@34"
SCOPE = f"/subscriptions/{SUBSCRIPTION_ID}"
PERSON = Person(PRINCIPAL_ID, "ServicePrincipal")


def plan(name: str = "test-leads", environments: tuple[str, ...] = ("dev", "prod"), branch: str = "main") -> Plan:
    return Plan(
        Wanted(
            SUBSCRIPTION_ID, TENANT_ID, name, "westeurope", "Standard_LRS", PREFIX, environments, branch, person=PERSON
        )
    )


def never(_: float) -> None:
    raise AssertionError("nothing has to be waited for")


def run(azure: Any, wanted: Plan, dry_run: bool = False) -> tuple[list[tuple[str, str]], Bootstrap]:
    making = Bootstrap(azure.arm, wanted, never, dry_run)
    return [(done.title, done.action) for done in making.run()], making


@pytest.fixture(scope="module")
def made_once(whole: Any) -> Iterator[None]:
    """Everything, made; taken away again at the end."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in whole.environ.items():
            patch.setenv(name, value)
        run(whole, plan())
        yield
        list(Destroy(whole.arm, plan(), never).run())


@pytest.fixture
def bootstrapped(azure: Any, made_once: None) -> Bootstrap:
    """Everything, as the plan says, whatever the test before did with it."""
    return run(azure, plan())[1]


def variables_of_jobs() -> set[str]:
    """What the workflows read of the repository's variables."""
    workflows = (Path(__file__).resolve().parents[3] / ".github" / "workflows").glob("*.yml")
    return {name for file in workflows for name in re.findall(r"vars\.([A-Z_]+)", file.read_text(encoding="utf-8"))}


def test_a_dry_run_tells_everything_and_makes_nothing(azure: Any) -> None:
    told, making = run(azure, plan("dry-leads"), dry_run=True)
    assert [title for title, _ in told] == [item.title for item in plan("dry-leads").items()]
    assert {action for _, action in told} == {"created"}
    assert making.variables() == {}
    assert azure.arm.get(plan("dry-leads").group, plans.GROUPS) is None


def test_what_is_made(azure: Any, bootstrapped: Bootstrap) -> None:
    arm: Arm = azure.arm
    account = arm.get(plan().account, plans.STORAGE)
    assert account is not None
    properties = account["properties"]
    assert (properties["allowSharedKeyAccess"], properties["allowBlobPublicAccess"]) == (False, False)
    service = arm.get(f"{plan().account}/blobServices/default", plans.STORAGE)
    assert service is not None and service["properties"]["isVersioningEnabled"] is True
    assert arm.get(plan().container, plans.STORAGE) is not None
    vault = arm.get(plan().vault, plans.VAULTS)
    assert vault is not None
    assert (vault["properties"]["enableRbacAuthorization"], vault["properties"]["enablePurgeProtection"]) == (
        True,
        True,
    )
    for scope in (plan().account, plan().vault):
        with pytest.raises(ArmRefusedError, match="ScopeLocked"):
            arm.delete(scope, plans.STORAGE if scope == plan().account else plans.VAULTS)
    trusted = {
        use: {
            (found["properties"]["issuer"], found["properties"]["subject"], *found["properties"]["audiences"])
            for found in arm.list(f"{plan().identity(use)}/federatedIdentityCredentials", plans.IDENTITIES)
        }
        for use in ("deploy", "preview")
    }
    common = "https://token.actions.githubusercontent.com", "api://AzureADTokenExchange"
    assert trusted == {
        "deploy": {(common[0], f"{PREFIX}:environment:{name}", common[1]) for name in ("dev", "prod")},
        "preview": {(common[0], f"{PREFIX}:{what}", common[1]) for what in ("pull_request", "ref:refs/heads/main")},
    }


def test_each_identity_has_its_roles_and_no_other(azure: Any, bootstrapped: Bootstrap) -> None:
    assert roles_of(azure, bootstrapped, "deploy") == {
        ("test-leads deploy", SCOPE),
        ("Storage Blob Data Contributor", "container"),
        ("Key Vault Crypto User", "key"),
    }
    assert roles_of(azure, bootstrapped, "preview") == {
        ("test-leads preview", SCOPE),
        ("Storage Blob Data Reader", "container"),
        ("Key Vault Crypto User", "key"),
    }


def roles_of(azure: Any, bootstrapped: Bootstrap, use: str) -> set[tuple[str, str]]:
    query = {"$filter": f"principalId eq '{bootstrapped.made[use]['properties']['principalId']}'"}
    found = azure.arm.list(f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments", plans.AUTHORIZATION, **query)
    places = {plan().container: "container", f"{plan().vault}/keys/{plans.KEY}": "key"}
    named = set()
    for assignment in found:
        role = azure.arm.get(assignment["properties"]["roleDefinitionId"], plans.AUTHORIZATION)["properties"]
        scope = assignment["properties"]["scope"]
        named.add((role["roleName"].removesuffix(f" ({SUBSCRIPTION_ID})"), places.get(scope, scope)))
    return named


def test_a_second_run_changes_nothing(azure: Any, bootstrapped: Bootstrap) -> None:
    told, again = run(azure, plan())
    assert {action for _, action in told} == {"unchanged"}
    assert again.variables() == bootstrapped.variables()
    assert {action for _, action in run(azure, plan(), dry_run=True)[0]} == {"unchanged"}


def test_what_somebody_changed_is_put_right(azure: Any, bootstrapped: Bootstrap) -> None:
    arm: Arm = azure.arm
    account = arm.get(plan().account, plans.STORAGE)
    assert account is not None
    arm.put(plan().account, plans.STORAGE, {**account, "properties": {"allowSharedKeyAccess": True}})
    arm.delete(f"{plan().identity('deploy')}/federatedIdentityCredentials/github-environment-prod", plans.IDENTITIES)
    told = dict(run(azure, plan(environments=("prod", "qa team"), branch="release/1"))[0])
    assert {title: action for title, action in told.items() if action != "unchanged"} == {
        "storage account of the state": "changed",
        f"trust in {PREFIX}:environment:prod": "created",
        f"trust in {PREFIX}:environment:qa team": "created",
        f"trust in {PREFIX}:environment:dev": "removed",
        f"trust in {PREFIX}:ref:refs/heads/release/1": "created",
        f"trust in {PREFIX}:ref:refs/heads/main": "removed",
    }


def test_destroyed_and_made_again_it_has_its_old_key(azure: Any, bootstrapped: Bootstrap) -> None:
    key = bootstrapped.variables()["PULUMI_SECRETS_PROVIDER"]
    removing = Destroy(azure.arm, plan(), never)
    assert [done.action for done in Destroy(azure.arm, plan(), never, dry_run=True).run()] == ["removed"] * 11
    assert azure.arm.get(plan().account, plans.STORAGE) is not None
    assert len(list(removing.run())) == 11
    assert removing.recoverable_until() != ""
    assert azure.arm.get(plan().group, plans.GROUPS) is None
    assert list(removing.run()) == []
    mine = {"$filter": f"principalId eq '{bootstrapped.made['deploy']['properties']['principalId']}'"}
    assert (
        azure.arm.list(f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments", plans.AUTHORIZATION, **mine) == []
    )
    told, again = run(azure, plan())
    assert dict(told)["key vault"] == "recovered"
    assert again.variables()["PULUMI_SECRETS_PROVIDER"] == key


def test_a_deployed_stack_keeps_it_from_being_destroyed(azure: Any) -> None:
    azure.group("test-leads-prod", project="test-leads", stack="prod")
    azure.group("other-prod", project="other", stack="prod")
    with pytest.raises(BootstrapError, match=r"still deployed: prod;.*--force"):
        Destroy(azure.arm, plan(), never).check_unused()


def test_who_may_not_make_it_is_told_before_anything_is_made(azure: Any) -> None:
    azure.assign("Contributor", principal := "7b0a2c1e-0000-4000-8000-000000000001")
    making = Bootstrap(azure.arm_of(principal), plan(), never)
    with pytest.raises(BootstrapError, match=r"roleAssignments/write.*sign in as an Owner"):
        making.check_rights()
    Bootstrap(azure.arm, plan(), never).check_rights()


def test_a_name_that_somebody_else_has(azure: Any) -> None:
    body = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    name = plans.name_of(plan("taken-leads").account)
    azure.put(f"{azure.group('somebody')}/providers/Microsoft.Storage/storageAccounts/{name}", plans.STORAGE, body)
    with pytest.raises(BootstrapError, match="choose another --name"):
        run(azure, plan("taken-leads"))
    azure.made.append((plan("taken-leads").group, plans.GROUPS))


def test_what_azure_does_not_know_yet_is_tried_again(
    azure: Any, bootstrapped: Bootstrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, slept, refusals = Arm.put, [], ["RoleDefinitionDoesNotExist", "PrincipalNotFound"]

    def slow(arm: Arm, id_: str, version: str, body: Any) -> Any:
        if refusals:
            raise ArmRefusedError("not yet", refusals.pop(), 400)
        return put(arm, id_, version, body)

    item = next(item for item in plan().items() if item.key == "deploys in the subscription")
    assignment = item.id(bootstrapped.made)
    azure.arm.delete(assignment, plans.AUTHORIZATION)
    monkeypatch.setattr(Arm, "put", slow)
    done = {done.id: done.action for done in Bootstrap(azure.arm, plan(), slept.append).run()}
    assert (done[assignment], slept) == ("created", [5.0, 5.0])
    refusals[:] = ["PrincipalNotFound"] * 99
    azure.arm.delete(assignment, plans.AUTHORIZATION)
    with pytest.raises(BootstrapError, match="not yet"):
        list(Bootstrap(azure.arm, plan(), slept.append).run())
    assert sum(slept[2:]) == 60.0


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [2, 1]}}, []),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, []),
        ({"id": "/A/b", "sku": {"name": "standard"}}, {"id": "/a/B", "sku": {"name": "Standard"}}, []),
        ({"p": {"subject": "repo:A"}}, {"p": {"subject": "repo:a"}}, ["/p/subject"]),
        ({"a": {"b": 1}}, {"a": None}, ["/a/b"]),
        ({"a": [1]}, {"a": [1, 2]}, ["/a"]),  # a role that may do more
        ({"a": [1, 2]}, {"a": [1]}, ["/a"]),
        ({"a": []}, {}, ["/a"]),
        ({"a": False}, {"a": True}, ["/a"]),
    ],
)
def test_differences(wanted: Any, found: Any, expected: list[str]) -> None:
    assert differences(wanted, found) == expected


@pytest.mark.parametrize(
    "subscription", ["10ca1a2e-0000-4000-8000-000000000001", "ffffffff-ffff-4fff-8fff-ffffffffffff"]
)
@pytest.mark.parametrize("name", ["marketplace-leads", "abc", "a-very-long-name-with-many-parts-of-it", "x1"])
def test_names_are_valid_and_differ_by_subscription(name: str, subscription: str) -> None:
    found = Plan(Wanted(subscription, TENANT_ID, name, "westeurope", "Standard_LRS", PREFIX, ("dev",), "main"))
    account, vault = plans.name_of(found.account), plans.name_of(found.vault)
    assert account.isalnum() and account == account.lower() and 3 <= len(account) <= 24
    assert 3 <= len(vault) <= 24 and vault[0].isalpha() and "--" not in vault
    assert subscription == SUBSCRIPTION_ID or account != plans.name_of(plan(name).account)


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`gh(answer)` puts a GitHub CLI on PATH that answers so; with None it fails as without a sign-in."""

    def put(answer: dict[str, Any] | None) -> Path:
        command = tmp_path / "gh"
        says = f"printf '%s' '{json.dumps(answer)}'" if answer is not None else "echo 'gh auth login' >&2; exit 4"
        command.write_text(f'#!/bin/sh\necho "$*" > "{tmp_path}/asked"\n{says}\n')
        command.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
        return tmp_path / "asked"

    return put


def test_the_subject_is_what_github_says(gh: Any) -> None:
    asked = gh({"use_default": True, "use_immutable_subject": True, "sub_claim_prefix": PREFIX})
    assert subject_prefix("contoso/leads", None) == PREFIX
    assert asked.read_text() == "api repos/contoso/leads/actions/oidc/customization/sub\n"
    gh({"use_default": True})  # a repository of before 15 July 2026
    assert subject_prefix("contoso/leads", None) == "repo:contoso/leads"
    gh({"use_default": False, "include_claim_keys": ["actor"]})
    with pytest.raises(GithubError, match="template of its own"):
        subject_prefix("contoso/leads", None)
    gh(None)
    with pytest.raises(GithubError, match="gh auth login"):
        subject_prefix("contoso/leads", None)


def test_a_given_subject_is_checked() -> None:
    assert subject_prefix("contoso/leads", "repo:Contoso/leads") == "repo:Contoso/leads"
    assert subject_prefix("contoso/leads", PREFIX) == PREFIX
    for wrong in ("repo:other/leads", "contoso/leads", "repo:contoso/leads:environment:prod", ""):
        with pytest.raises(GithubError, match="is not of contoso/leads"):
            subject_prefix("contoso/leads", wrong)
    for wrong in ("leads", "https://github.com/contoso/leads", "a/b/c", "a b/c"):
        with pytest.raises(GithubError, match="OWNER/REPO"):
            check_repository(wrong)


def test_the_command(azure: Any) -> None:
    given = ("--repository", "contoso/leads", "--subject-prefix", PREFIX, "--name", "cmd-leads", "--environment", "dev")
    done = azure.run("bootstrap.py", *given)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"✓ trust in {PREFIX}:environment:dev: created" in done.stdout
    told_to_set = re.findall("gh variable set ([A-Z_]+) --repo contoso/leads --body '", done.stdout)
    assert set(told_to_set) == variables_of_jobs()
    assert "it serves no blobs" in done.stdout
    told = json.loads(azure.run("bootstrap.py", *given, "--json", "--not-me").stdout)
    assert {item["action"] for item in told["done"]} == {"unchanged"}
    assert told["variables"]["PULUMI_BACKEND_URL"].startswith("azblob://pulumi-state?storage_account=cmdstate")
    refused = azure.run("bootstrap.py", "--destroy", "--name", "cmd-leads")
    assert (refused.returncode, "Say --yes" in refused.stderr) == (2, True)
    list(Destroy(azure.arm, plan("cmd-leads"), never).run())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "which repository?"),
        (("--repository", "leads"), "OWNER/REPO"),
        (("--name", "X"), "--name 'X' is not allowed"),
        (("--sku", "Premium_LRS"), "choose one of Standard_LRS"),
    ],
)
def test_the_command_used_wrongly(azure: Any, arguments: tuple[str, ...], said: str) -> None:
    done = azure.run("bootstrap.py", *arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
