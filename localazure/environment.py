"""What leads a shell to the local cloud: the variables that `localazure env` prints.

They lead Pulumi, Azure's clients and the user's scripts to this cloud and away from the user's own Pulumi login, state,
plugins and Azure sign-in. Loads nothing heavy: the command must answer at once.
"""

from __future__ import annotations

import json
import os
import shlex
import ssl
from collections.abc import Mapping
from pathlib import Path

from localazure.credentials import CLIENT_ID, SUBSCRIPTION_ID, TENANT_ID, load_credentials
from localazure.data_folder import DataFolder
from localazure.explained import Explained
from localazure.files import private_folder, write_private
from localazure.tls import certificates_in

_MARK = "# localazure: the authority of the local cloud\n"


class NoCloudYet(Explained):
    """The data folder has never held a cloud; the message says what to do."""


def variables(folder: DataFolder, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for the cloud of a data folder, running or not. `environ` is what they are added to."""
    environ = os.environ if environ is None else environ
    authority = certificates_in(folder.tls).authority
    if not (folder.ports.exists() and authority.exists()):
        raise NoCloudYet(f"There is no local cloud in {folder.path} yet: start one with `localazure start`.")
    ports = json.loads(folder.ports.read_text())
    bundle = str(_write_bundle(folder, authority, environ))
    for used in (folder.pulumi_state, folder.pulumi_home, folder.azure_config):
        private_folder(used)
    return {
        **_cloud(folder, ports),
        **_azure(folder, ports),
        **_pulumi(folder, ports),
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        # Who knows both spellings goes by the lower one; gRPC, by which a Pulumi program talks to its engine, knows no
        # other.
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _no_proxy(environ)),
    }


def as_exports(values: Mapping[str, str]) -> str:
    """For `eval "$(localazure env)"` in any POSIX shell."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())


def _cloud(folder: DataFolder, ports: Mapping[str, int]) -> dict[str, str]:
    return {
        "LOCALAZURE_HOME": str(folder.path),
        "LOCALAZURE_ARM_ENDPOINT": f"https://127.0.0.1:{ports['arm']}",
        "LOCALAZURE_INBOX": f"http://127.0.0.1:{ports['http']}",
        "LOCALAZURE_SUBSCRIPTION_ID": SUBSCRIPTION_ID,
    }


def _azure(folder: DataFolder, ports: Mapping[str, int]) -> dict[str, str]:
    host = f"127.0.0.1:{ports['arm']}"
    common = {
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": load_credentials(folder.credentials).client_secret,
        "TENANT_ID": TENANT_ID,
        "SUBSCRIPTION_ID": SUBSCRIPTION_ID,
    }
    return {
        **{f"ARM_{name}": value for name, value in common.items()},
        "ARM_METADATA_HOSTNAME": host,
        **{f"AZURE_{name}": value for name, value in common.items()},
        "AZURE_AUTHORITY_HOST": f"https://{host}",
        "AZURE_CONFIG_DIR": str(folder.azure_config),
    }


def _pulumi(folder: DataFolder, ports: Mapping[str, int]) -> dict[str, str]:
    return {
        "PULUMI_DEBUG_PROVIDERS": f"azure-native:{ports['provider']}",
        "PULUMI_BACKEND_URL": f"file://{folder.pulumi_state}",
        "PULUMI_HOME": str(folder.pulumi_home),
        "PULUMI_CONFIG_PASSPHRASE": "localazure",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        "PULUMI_SUPPRESS_NEO_LINK": "true",
    }


def _no_proxy(environ: Mapping[str, str]) -> str:
    """A proxy of the user's cannot reach the loopback address of this machine."""
    before = f"{environ.get('no_proxy', '')},{environ.get('NO_PROXY', '')}"
    known = [name.strip() for name in before.split(",") if name.strip()]
    return ",".join(dict.fromkeys([*known, "127.0.0.1", "localhost"]))


def _write_bundle(folder: DataFolder, authority: Path, environ: Mapping[str, str]) -> Path:
    """What was trusted before, and the local authority behind it."""
    text = _trusted_before(environ).rstrip("\n") + "\n" + _MARK + authority.read_text()
    if not folder.bundle.exists() or folder.bundle.read_text() != text:
        write_private(folder.bundle, text)
    return folder.bundle


def _trusted_before(environ: Mapping[str, str]) -> str:
    named = [environ.get(name) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")]
    for name in filter(None, (*named, ssl.get_default_verify_paths().cafile, _certifi())):
        if Path(name).is_file():
            # Seen from a shell that has evaluated these variables already, our own bundle.
            return Path(name).read_text(encoding="utf-8", errors="replace").split(_MARK)[0]
    return ""


def _certifi() -> str | None:
    try:
        import certifi
    except ImportError:
        return None
    return certifi.where()
