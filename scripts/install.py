"""Set up what this checkout needs: Python environment, Azurite, Pulumi CLI. Run again, it does only what is missing.

Standard library only, and a syntax that an old Python 3 still parses: it has to be able to say that it is too old.
Nothing outside the checkout is written but a cache of the Pulumi CLI, keyed by its version.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Callable, Optional

sys.path.insert(0, str(Path(__file__).resolve().parent))
from progress import step
from turns import turn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PULUMI_VERSION = "3.259.0"
# The SDK in requirements.lock speaks to engines of about its own age; older ones lack what it asks for.
OLDEST_PULUMI = (3, 229, 0)
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20,)
OLDEST_GO = (1, 25)
INSTALLER_PATIENCE = 6  # seconds to reach the official installer before building from source


class MissingToolError(Exception):
    """Something that the machine lacks; the text says what and how to get it."""


def main() -> None:
    try:
        check_python()
        check_node()
        with turn(ROOT / ".setup.lock", "Waiting for another set-up of this checkout"):
            install_python_packages()
            install_azurite()
            install_pulumi()
    except MissingToolError as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as problem:
        command = " ".join(map(str, problem.cmd[:6]))
        tail = (problem.output or "").strip()[-3000:]
        sys.exit(
            f"Set-up stopped: '{command}' failed with exit code {problem.returncode}. Mend it and run it again.\n{tail}"
        )
    except OSError as problem:
        sys.exit(f"Set-up stopped: {problem}. Mend it and run it again; it goes on from what is there.")
    except KeyboardInterrupt:
        sys.exit("Set-up was interrupted; run it again and it goes on from what is there.")


def check_python() -> None:
    if sys.platform == "win32":
        raise MissingToolError("Windows is supported through WSL: run this inside a WSL terminal (https://aka.ms/wsl).")
    if sys.version_info < OLDEST_PYTHON:
        raise MissingToolError(
            f"Python 3.11 or newer is needed, this is {platform.python_version()}. "
            "Install it (https://www.python.org/downloads/) and name it: make PYTHON=python3.12 demo"
        )


def check_node() -> None:
    node = shutil.which("node")
    cure = "Install Node.js 20 or newer: https://nodejs.org/en/download"
    if node is None or shutil.which("npm") is None:
        raise MissingToolError(
            f"Node.js with npm is needed for Azurite, the local Table service, and is not on PATH. {cure}"
        )
    version = output([node, "--version"]).strip()
    if version_of(version) < OLDEST_NODE:
        raise MissingToolError(f"Node.js 20 or newer is needed for Azurite, this is {version}. {cure}")


def output(command: list, cwd: Optional[Path] = None) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, universal_newlines=True, cwd=cwd).stdout


def run(command: list, news: Optional[Callable[[str], None]] = None, cwd: Optional[Path] = None) -> None:
    """Run a command; its output is kept for the error text, and each line may be shown as news."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, cwd=cwd
    )
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if news is not None and line.strip():
            news(line.strip())
    if process.wait() != 0:
        raise subprocess.CalledProcessError(process.returncode, command, "".join(lines))


def version_of(text: str) -> tuple:
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in found.groups()) if found else (0, 0, 0)


def digest_of(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_current(stamp: Path, digest: str) -> bool:
    """A stamp holds the digest of what was installed last: an unfinished installation leaves none."""
    return stamp.exists() and stamp.read_text() == digest


def install_python_packages() -> None:
    stamp, digest = VENV / ".installed", digest_of(ROOT / "requirements.lock", ROOT / "pyproject.toml")
    python = BIN / "python"
    if is_current(stamp, digest) and python.exists():
        return
    if not python.exists():
        with step("Creating the Python environment in .venv"):
            run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    with step("Installing Python packages (about 2 minutes the first time)") as progress:
        quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        pip = [str(python), "-m", "pip", "install", *quiet]

        def news(line: str) -> None:
            progress.news = line.split(" (from")[0][:70]

        run([*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")], news)
        run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    stamp.write_text(digest)


def install_azurite() -> None:
    stamp, digest = ROOT / "node_modules" / ".installed", digest_of(ROOT / "package-lock.json")
    if is_current(stamp, digest):
        return
    with step("Installing Azurite, the local Table service"):
        run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT)
    stamp.write_text(digest)


def install_pulumi() -> None:
    """A `pulumi` on PATH that is new enough, else the official installer, else a build from its Go module."""
    if own_pulumi_is_good():
        return
    programs = cache_folder() / "bin"
    if link(programs):
        return
    with turn(cache_folder() / "lock", "Waiting for another checkout that gets the Pulumi CLI"):
        if not link(programs):  # the other one may have got it meanwhile
            get_pulumi(programs)
            link(programs)


def get_pulumi(programs: Path) -> None:
    """The programs of the Pulumi CLI into the folder `programs`, all or none."""
    for left in cache_folder().glob("tmp*"):  # of one that was killed
        shutil.rmtree(str(left), ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="tmp", dir=str(cache_folder())) as work:
        folder = from_official_installer(Path(work)) or build_from_source(Path(work))
        shutil.rmtree(str(programs), ignore_errors=True)
        folder.rename(programs)


def own_pulumi_is_good() -> bool:
    """Is there a `pulumi` of the user's own on PATH, new enough and with its Python language host?"""
    path = os.pathsep.join(p for p in os.environ.get("PATH", "").split(os.pathsep) if Path(p) != BIN)
    pulumi = shutil.which("pulumi", path=path)
    if pulumi is None:
        return False
    beside = str(Path(pulumi).resolve().parent)
    if shutil.which("pulumi-language-python", path=path + os.pathsep + beside) is None:
        return False
    try:
        return version_of(output([pulumi, "version"])) >= OLDEST_PULUMI
    except (OSError, subprocess.CalledProcessError):
        return False


def cache_folder() -> Path:
    """Shared by the checkouts of a user; one of this checkout's own where there is no home to write to."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path("marketplace-leads") / f"pulumi-{PULUMI_VERSION}"
    try:
        (base / folder).mkdir(parents=True, exist_ok=True)
    except OSError:
        base = ROOT / ".cache"
        (base / folder).mkdir(parents=True, exist_ok=True)
    return base / folder


def link(folder: Path) -> bool:
    """Link the programs of `folder` into the environment, so that activating it is all a person has to do."""
    if not (folder / "pulumi").exists() or not (folder / "pulumi-language-python").exists():
        return False
    for program in folder.iterdir():
        target = BIN / program.name
        if target.is_symlink() and target.resolve() == program.resolve():
            continue
        if target.is_symlink() or target.exists():
            target.unlink()
        target.symlink_to(program)
    return True


def from_official_installer(work: Path) -> Optional[Path]:
    """The programs as Pulumi's own installer lays them; None where it cannot be reached soon, or fails."""
    script = fetch("https://get.pulumi.com")
    if script is None:
        return None
    with step(f"Installing the Pulumi CLI {PULUMI_VERSION} with its official installer") as progress:
        installer = work / "install.sh"
        installer.write_bytes(script)
        options = ["--version", PULUMI_VERSION, "--install-root", str(work / "official"), "--no-edit-path"]
        try:
            run(["sh", str(installer), *options])
        except subprocess.CalledProcessError:
            progress.note = "it failed; building from source instead"
            return None
    return work / "official" / "bin"


def fetch(url: str) -> Optional[bytes]:
    """The script at `url`, or None after a few seconds: name resolution knows no time limit, hence the thread."""
    from urllib.request import urlopen

    answer: list = []

    def get() -> None:
        try:
            with urlopen(url, timeout=INSTALLER_PATIENCE - 1) as response:
                answer.append(response.read())
        except (OSError, ValueError):
            pass  # not to be reached: the caller goes on with the next way

    thread = threading.Thread(target=get, daemon=True)
    thread.start()
    thread.join(INSTALLER_PATIENCE)
    return answer[0] if answer and answer[0].startswith(b"#!") else None


def build_from_source(work: Path) -> Path:
    """Build CLI and Python language host from their Go modules; toolchain/ pins them with hashes."""
    go = shutil.which("go")
    if go is None or version_of(output([go, "version"])) < OLDEST_GO:
        raise MissingToolError(
            "The Pulumi CLI is missing, its installer (https://get.pulumi.com) cannot be reached, and there is no "
            "Go 1.25 or newer to build it with. Install the CLI (https://www.pulumi.com/docs/install/) or Go (https://go.dev/dl/)."
        )
    folder = work / "built"
    folder.mkdir()
    version = f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PULUMI_VERSION}"
    go_build(
        f"Building the Pulumi CLI {PULUMI_VERSION} from source (once; about 7 minutes on 2 cores)",
        [go, "build", "-v", "-trimpath", "-tags", "osusergo,grpcnotrace", "-ldflags", f"-s -w {version}"],
        ROOT / "toolchain" / "pulumi",
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        folder,
    )
    go_build(
        "Building Pulumi's Python language host (once; under a minute)",
        [go, "build", "-v", "-trimpath", "-ldflags", "-s -w"],
        ROOT / "toolchain" / "language-host",
        "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
        folder,
    )
    sdk = output([go, "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"], ROOT / "toolchain" / "pulumi")
    helper = folder / "pulumi-language-python-exec"  # the host looks for it beside itself
    shutil.copyfile(str(Path(sdk.strip()) / "python" / "cmd" / helper.name), str(helper))
    helper.chmod(0o755)
    return folder


def go_build(title: str, command: list, module: Path, package: str, folder: Path) -> None:
    with step(title) as progress:
        done = []

        def news(line: str) -> None:
            done.append(line)
            progress.news = f"{len(done)} packages, {line[:60]}"

        run([*command, "-o", str(folder) + os.sep, package], news, module)


if __name__ == "__main__":
    main()
