"""What GitHub writes into the subject of a workflow's token, which a federated credential must match exactly.

Repositories made or renamed since 15 July 2026 have immutable subjects, `repo:OWNER@ID/REPO@ID:…`; older ones
`repo:OWNER/REPO:…` until they are switched over. Only GitHub knows which: its CLI is asked. Source: GitHub's changelog
of 2026-04-23 and its REST API "Get the customization template for an OIDC subject claim for a repository".
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

from leads.errors import LeadsError

ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "api://AzureADTokenExchange"
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9])*/[-\w.]{1,100}")
_PREFIX = re.compile(r"repo:([^/@:\s]+)(@\d+)?/([^/@:\s]+)(@\d+)?")


class GithubError(LeadsError):
    """The repository's subject is not known; the message says how to find it out."""


def check_repository(repository: str) -> None:
    """Raise `GithubError` unless it is written OWNER/REPO."""
    if not _REPOSITORY.fullmatch(repository):
        raise GithubError(f"--repository {repository!r} is not allowed; it is written OWNER/REPO, as in contoso/leads")


def subject_prefix(repository: str, given: str | None) -> str:
    """What the subjects of a repository's tokens begin with: as given, else as the GitHub CLI tells.

    Raises `GithubError` if a given one is of another repository, or if GitHub cannot be asked.
    """
    if given is None:
        return _asked(repository)
    found = _PREFIX.fullmatch(given)
    if found is None or f"{found[1]}/{found[3]}".lower() != repository.lower():
        raise GithubError(
            f"--subject-prefix {given!r} is not of {repository}; it is repo:OWNER/REPO or repo:OWNER@ID/REPO@ID"
        )
    return given


def _asked(repository: str) -> str:
    path = f"repos/{repository}/actions/oidc/customization/sub"
    how = f"give it: --subject-prefix PREFIX; `gh api {path}` shows it as sub_claim_prefix (docs/environments.md)"
    if (gh := shutil.which("gh")) is None:
        raise GithubError(f"the GitHub CLI, which knows what {repository}'s tokens say, is not installed; {how}")
    done = subprocess.run([gh, "api", path], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise GithubError(f"GitHub does not tell what {repository}'s tokens say (`gh auth login` first?); {how}")
    return _read(json.loads(done.stdout), repository, how)


def _read(told: dict[str, Any], repository: str, how: str) -> str:
    if told.get("use_default") is False:
        raise GithubError(f"{repository} has a subject template of its own, which bootstrap cannot follow; {how}")
    return str(told.get("sub_claim_prefix") or f"repo:{repository}")
