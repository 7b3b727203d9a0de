"""Local and Azure cannot be mistaken for each other."""

import pytest

from stacks.guard import GuardError, check_environment

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
