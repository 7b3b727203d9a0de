"""The variables that lead a shell to the local cloud."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from localazure.credentials import load_credentials
from localazure.data_folder import DataFolder, find_data_folder
from localazure.environment import NoCloudYet, as_exports, variables
from localazure.tls import ensure_certificates

PORTS = {"arm": 1001, "http": 1002, "smtp": 1003, "provider": 1004}


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder that has held a cloud."""
    made = DataFolder(tmp_path / "the cloud's")
    ensure_certificates(made.tls)
    made.ports.write_text(json.dumps(PORTS))
    load_credentials(made.credentials)
    return made


def test_every_variable_is_there(folder: DataFolder) -> None:
    found = variables(folder, {})
    secret = load_credentials(folder.credentials).client_secret
    assert found["LOCALAZURE_HOME"] == str(folder.path)
    assert found["LOCALAZURE_ARM_ENDPOINT"] == "https://127.0.0.1:1001"
    assert found["LOCALAZURE_INBOX"] == "http://127.0.0.1:1002"
    assert found["ARM_METADATA_HOSTNAME"] == "127.0.0.1:1001"
    assert found["AZURE_AUTHORITY_HOST"] == "https://127.0.0.1:1001"
    assert found["PULUMI_DEBUG_PROVIDERS"] == "azure-native:1004"
    assert found["PULUMI_BACKEND_URL"] == f"file://{folder.path}/pulumi/state"
    assert found["ARM_CLIENT_SECRET"] == found["AZURE_CLIENT_SECRET"] == secret
    for name in ("CLIENT_ID", "TENANT_ID", "SUBSCRIPTION_ID"):
        assert found[f"ARM_{name}"] == found[f"AZURE_{name}"]
    assert found["LOCALAZURE_SUBSCRIPTION_ID"] == found["ARM_SUBSCRIPTION_ID"]
    assert found["PULUMI_CONFIG_PASSPHRASE"] == "localazure"
    expected = {"PULUMI_HOME", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "PULUMI_SKIP_UPDATE_CHECK"}
    expected |= {"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS", "PULUMI_SUPPRESS_NEO_LINK", "AZURE_CONFIG_DIR"}
    assert expected <= set(found)
    assert Path(found["PULUMI_BACKEND_URL"].removeprefix("file://")).is_dir()


def test_exports_survive_a_shell(folder: DataFolder) -> None:
    found = variables(folder, {})
    script = as_exports(found) + '\nprintf "%s" "$LOCALAZURE_HOME|$AZURE_CLIENT_SECRET"'
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == f"{folder.path}|{found['AZURE_CLIENT_SECRET']}"


def test_the_bundle_holds_what_was_trusted_before_and_the_local_authority_once(
    folder: DataFolder, tmp_path: Path
) -> None:
    before = tmp_path / "company.pem"
    before.write_text("-- the company's authority --\n")
    authority = (folder.tls / "ca.pem").read_text()
    first = variables(folder, {"SSL_CERT_FILE": str(before)})
    # A shell that has evaluated the variables evaluates them again.
    again = variables(folder, first)
    assert again["SSL_CERT_FILE"] == first["SSL_CERT_FILE"] == first["REQUESTS_CA_BUNDLE"]
    text = Path(again["SSL_CERT_FILE"]).read_text()
    assert text.startswith("-- the company's authority --\n")
    assert text.count(authority) == 1
    assert text.endswith(authority)


def test_without_a_bundle_of_ones_own_the_systems_is_taken(folder: DataFolder) -> None:
    text = Path(variables(folder, {})["SSL_CERT_FILE"]).read_text()
    assert text.count("BEGIN CERTIFICATE") > 50


def test_no_proxy_is_added_to(folder: DataFolder) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        assert variables(folder, {})[name] == "127.0.0.1,localhost"
        assert variables(folder, {"no_proxy": "corp,localhost"})[name] == "corp,localhost,127.0.0.1"
        both = {"no_proxy": "corp", "NO_PROXY": "other, corp"}
        assert variables(folder, both)[name] == "corp,other,127.0.0.1,localhost"


def test_without_a_cloud_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoCloudYet, match="localazure start"):
        variables(DataFolder(tmp_path), {})
    assert list(tmp_path.iterdir()) == []


def test_the_data_folder_is_the_variables_the_nearest_or_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOCALAZURE_HOME", raising=False)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert find_data_folder().path == below / ".localazure"
    (tmp_path / ".localazure").mkdir()
    assert find_data_folder().path == tmp_path / ".localazure"
    monkeypatch.setenv("LOCALAZURE_HOME", "elsewhere")
    assert find_data_folder().path == below / "elsewhere"
