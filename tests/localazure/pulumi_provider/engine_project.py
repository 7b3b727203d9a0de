"""A throw-away Pulumi project driven by the real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_PREAMBLE = "import pulumi\nimport pulumi_azure_native as azure\n"


class Project:
    """`program` writes `__main__.py`; `run`, `up` and the like call the CLI."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_DEBUG_PROVIDERS": f"azure-native:{port}",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_STACK": "dev",  # the selected one is remembered by the folder's path
            "PULUMI_SUPPRESS_NEO_LINK": "true",
        }

    @classmethod
    def create(cls, folder: Path) -> Project:
        """A project without a stack."""
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
        return cls(folder)

    def program(self, text: str) -> None:
        """Set the program; `pulumi` and `azure` are imported already."""
        (self._folder / "__main__.py").write_text(_PREAMBLE + text)

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run the CLI; returns all it printed. `fails`: it must exit with an error."""
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False
        )
        shown = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, f"{' '.join(command)} ended with {done.returncode}:\n{shown}"
        return shown

    def up(self, *, fails: bool = False) -> str:
        return self.run("up", "--yes", "--skip-preview", fails=fails)

    def refresh(self, *, fails: bool = False) -> str:
        return self.run("refresh", "--yes", "--skip-preview", fails=fails)

    def destroy(self, *, fails: bool = False) -> str:
        return self.run("destroy", "--yes", "--skip-preview", fails=fails)

    def steps(self, text: str | None = None) -> dict[str, str]:
        """What a preview would do: logical name -> operation; unchanged resources are left out."""
        if text is not None:
            self.program(text)
        found = json.loads(self.run("preview", "--json"))
        return {step["urn"].rsplit("::", 1)[1]: step["op"] for step in found["steps"] if step["op"] != "same"}

    def resources(self) -> dict[str, dict[str, Any]]:
        """The state: logical name -> resource."""
        found = json.loads(self.run("stack", "export"))["deployment"].get("resources", [])
        return {item["urn"].rsplit("::", 1)[1]: item for item in found if item["type"].startswith("azure-native:")}

    def outputs(self) -> dict[str, Any]:
        return dict(json.loads(self.run("stack", "output", "--json")))
