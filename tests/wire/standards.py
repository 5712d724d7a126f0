"""The published schemas, found in `KESHEN_STANDARDS` (default: `standards` beside this repository's folder)."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree
from referencing import Registry, Resource

ROOT = Path(__file__).resolve().parents[2]
STANDARDS = Path(os.environ.get("KESHEN_STANDARDS") or ROOT.parent / "shared" / "standards")

needs_standards = pytest.mark.skipif(
    not STANDARDS.is_dir(), reason=f"no published schemas in {STANDARDS}; set KESHEN_STANDARDS to their folder"
)


@cache
def ninjs() -> Draft202012Validator:
    schema = json.loads((STANDARDS / "ninjs/ninjs-schema_3.1.json").read_text())
    geo: dict[str, Any] = json.loads((STANDARDS / "ninjs/GeoJSON-schema.json").read_text())
    resource = Resource.from_contents(geo)
    registry = Registry().with_resources(
        [("https://geojson.org/schema/GeoJSON.json", resource), ("https://geojson.org/schema/GeoJSON.json#", resource)]
    )
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())


@cache
def newsml() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(STANDARDS / "newsml-g2/NewsML-G2_2.35-spec-All-Power.xsd"))
