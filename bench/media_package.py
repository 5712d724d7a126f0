"""Rendering a television package against the same ffmpeg command started by hand.

The package is spoken in two languages, mixed, levelled, drawn, encoded in two rungs and captioned. The command is the
very one its encode used, on the very files, run again without the house around it.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from keshen.house import postgres

KAZAKH = (
    "Қазақ даласында ақбөкен саны көбейді. Ғалымдар жануарларды әуеден санап, олардың көші-қон жолын картаға түсірді.",
    "Ақбөкен көктемде солтүстікке, күзде оңтүстікке қарай мыңдаған шақырым жол жүреді.",
    "Мамандар дала экожүйесін қорғау жануарлар санының тұрақты өсуіне мүмкіндік беретінін айтады.",
)
ENGLISH = (
    "Saiga numbers have grown on the Kazakh steppe. Scientists counted the animals from the air and mapped their way.",
    "In spring the saiga travel north, and in autumn they travel south, for thousands of kilometres.",
    "Specialists say that protecting the steppe lets their numbers grow steadily.",
)


def tell(name: str, value: float, unit: str, **more: Any) -> None:
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, **more}))


def measure(home: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from PIL import Image

    from keshen.house.jobs import JobContext
    from keshen.house.models import Job, Organisation, User
    from keshen.media import actions, encode, ffmpeg, houseformat, package, pictures
    from keshen.media.brief import Brief
    from keshen.media.store import house_store

    call_command("migrate", verbosity=0)
    house, _ = Organisation.objects.get_or_create(slug="bench", defaults={"name": {"en": "Bench"}, "kind": "house"})
    system, _ = User.objects.get_or_create(
        is_system=True, defaults={"username": "system", "organisation": house, "roles": ["system"]}
    )
    target = io.BytesIO()
    Image.effect_noise((1600, 1000), 60).convert("RGB").resize((1600, 1000)).save(target, "JPEG", quality=90)
    shown = pictures.take_in(system, target.getvalue(), name="noise.jpg", organisation=house, title="Noise")
    brief = Brief(
        "television", "kk", "Ақбөкен көбейді", KAZAKH, place="Ақтөбе", pictures=(shown.urn,), accent="#00a79d",
        service="Jibek Joly", voices={"en": ENGLISH}, captions={"kk": KAZAKH, "en": ENGLISH},
    )  # fmt: skip
    job = Job.objects.create(key="bench", name=actions.RENDER, created_by=system)
    command: list[str] = []
    original: Callable[..., list[str]] = ffmpeg.encode

    def remember(arguments: Sequence[str], **options: Any) -> list[str]:
        command[:] = arguments
        return original(arguments, **options)

    encode.ffmpeg.encode = remember  # type: ignore[attr-defined]
    folder = home / "render"
    folder.mkdir()
    began = time.monotonic()
    made = package.Render(brief, JobContext(job), house_store(), folder).make()
    ours = time.monotonic() - began
    began = time.monotonic()
    subprocess.run([ffmpeg.binary(), "-hide_banner", "-loglevel", "error", "-y", *command], check=True)
    by_hand = time.monotonic() - began
    length = houseformat.seconds(made.ticks)
    print(f"{length:.1f} s of television: {ours:.1f} s, ffmpeg alone {by_hand:.1f} s")
    tell("a package, of its length", length / ours, "x real time", aim=">= 1.5")
    tell(
        "a package from brief to tracks", ours, "s", against="its ffmpeg command by hand", reference=round(by_hand, 3),
        ratio=round(ours / by_hand, 3), aim="<= 1.5",
    )  # fmt: skip


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="kb-"))
    home.chmod(0o755)
    os.environ.update(
        KESHEN_HOME=str(home), DJANGO_SETTINGS_MODULE="keshen.config.settings", KESHEN_STORE=str(home / "media")
    )
    try:
        with postgres.open_for(home) as address:
            os.environ["DATABASE_URL"] = address
            measure(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
