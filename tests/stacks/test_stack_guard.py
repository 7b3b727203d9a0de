"""Local and Azure cannot be mistaken for each other."""

import pytest

from stacks.guard import GuardError, check_environment, runs_on_local_cloud

LOCAL = {"LOCALAZURE_ARM_ENDPOINT": "https://127.0.0.1:1", "PULUMI_DEBUG_PROVIDERS": "azure-native:2"}


def test_the_local_stack_runs_on_the_local_cloud() -> None:
    check_environment("local", LOCAL)


def test_other_stacks_run_without_it() -> None:
    check_environment("dev", {"PULUMI_DEBUG_PROVIDERS": "random:1"})


@pytest.mark.parametrize("missing", [*LOCAL, "both"])
def test_the_local_stack_refuses_to_run_without_the_local_cloud(missing: str) -> None:
    environ = {} if missing == "both" else {name: value for name, value in LOCAL.items() if name != missing}
    with pytest.raises(GuardError, match=r"eval \"\$\(localazure env\)\""):
        check_environment("local", environ)


@pytest.mark.parametrize(
    "environ",
    [
        LOCAL,
        {"LOCALAZURE_ARM_ENDPOINT": "https://127.0.0.1:1"},
        {"PULUMI_DEBUG_PROVIDERS": "random:1, azure-native:2"},
    ],
)
def test_every_other_stack_refuses_to_run_with_any_of_it(environ: dict[str, str]) -> None:
    with pytest.raises(GuardError, match=r"Stack 'prod' is meant for Azure.*\n  pulumi stack select local"):
        check_environment("prod", environ)


@pytest.mark.parametrize("stack", ["Local", "local2", "my-local"])
def test_only_the_stack_named_local_is_local(stack: str) -> None:
    with pytest.raises(GuardError):
        check_environment(stack, LOCAL)


def test_an_attached_provider_for_another_package_is_none_for_azure() -> None:
    with pytest.raises(GuardError, match="attaches no azure-native"):
        check_environment("local", {**LOCAL, "PULUMI_DEBUG_PROVIDERS": "my-azure-native:1,random:azure-native:2"})


REHEARSAL = {**LOCAL, "PULUMI_BACKEND_URL": "file:///tmp/state", "MARKETPLACE_LEADS_REHEARSAL": "1"}


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_a_rehearsal_lets_every_stack_run_on_the_local_cloud(stack: str) -> None:
    check_environment(stack, REHEARSAL)
    assert runs_on_local_cloud(stack, REHEARSAL)


@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ("LOCALAZURE_ARM_ENDPOINT", ""),
        ("LOCALAZURE_ARM_ENDPOINT", "https://management.azure.com"),
        ("LOCALAZURE_ARM_ENDPOINT", "https://127.0.0.1.example.com"),
        ("PULUMI_DEBUG_PROVIDERS", ""),
        ("PULUMI_DEBUG_PROVIDERS", "random:1"),
        ("PULUMI_BACKEND_URL", ""),
        ("PULUMI_BACKEND_URL", "azblob://state?storage_account=team"),
    ],
)
@pytest.mark.parametrize("stack", ["local", "prod"])
def test_a_rehearsal_can_lead_nothing_to_azure_or_into_a_shared_state(stack: str, changed: str, value: str) -> None:
    with pytest.raises(GuardError, match=r"and nowhere else(.|\n)*unset MARKETPLACE_LEADS_REHEARSAL"):
        check_environment(stack, {**REHEARSAL, changed: value})


def test_a_rehearsal_switched_off_is_none() -> None:
    with pytest.raises(GuardError, match="meant for Azure"):
        check_environment("prod", {**REHEARSAL, "MARKETPLACE_LEADS_REHEARSAL": "0"})


@pytest.mark.parametrize("value", ["true", "yes", "2"])
def test_a_rehearsal_is_asked_for_with_1(value: str) -> None:
    with pytest.raises(GuardError, match="must be 1 or unset"):
        check_environment("prod", {**REHEARSAL, "MARKETPLACE_LEADS_REHEARSAL": value})


def test_only_the_local_stack_is_on_the_local_cloud_otherwise() -> None:
    assert runs_on_local_cloud("local", LOCAL)
    assert not runs_on_local_cloud("prod", {})
