"""Which modules are pure: they import neither Django nor anything of Keshen's that does; there types are strict.

python tools/pure_modules.py      list their files
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "keshen"
FOREIGN = ("django", "ninja", "procrastinate")
IMPURE_FILES = {"models.py", "views.py", "apps.py", "urls.py", "api.py", "tasks.py", "actions.py", "queries.py"}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Names imported anywhere in a file, those inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def pure_modules() -> list[Path]:
    """Files of the pure modules, sorted."""
    files = {module_name(path): path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts}
    uses = {name: imports(path) for name, path in files.items()}
    impure = {
        name
        for name, path in files.items()
        if path.name in IMPURE_FILES or any(used.split(".")[0] in FOREIGN for used in uses[name])
    }
    while True:
        more = {name for name in files.keys() - impure if uses[name] & impure}
        if not more:
            return sorted(path for name, path in files.items() if name not in impure)
        impure |= more


if __name__ == "__main__":
    print("\n".join(str(path.relative_to(ROOT)) for path in pure_modules()))
