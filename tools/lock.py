"""Pin everything: names, versions, hashes; no download addresses."""

from __future__ import annotations

from pathlib import Path

from bootstrap import ROOT, run, step

COMMON = [
    "--universal",
    "--python-version",
    "3.12",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--no-annotate",
    "-q",
]


def lock(uv: str, env: dict[str, str], *, upgrade: bool = True) -> None:
    """Write the lock files. The runtime lock takes its versions from the developers' one."""
    newer = ["--upgrade"] if upgrade else []
    project = "pyproject.toml"
    plans: list[tuple[str, list[str]]] = [
        ("requirements-dev.lock", [project, "--group", "build", "--group", "dev", *newer]),
        ("requirements.lock", [project, "--group", "build", "-c", "requirements-dev.lock", *newer]),
        ("requirements-node.lock", ["--group", "node", *newer]),
        ("requirements-uv.lock", ["--group", "uv", *newer]),
    ]
    for name, arguments in plans:
        with step(name):
            run([uv, "pip", "compile", *arguments, *COMMON, "-o", name], env, cwd=Path(ROOT))
