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
def ninjs(version: str = "3.1") -> Draft202012Validator:
    schema = json.loads((STANDARDS / f"ninjs/ninjs-schema_{version}.json").read_text())
    geo: dict[str, Any] = json.loads((STANDARDS / "ninjs/GeoJSON-schema.json").read_text())
    resource = Resource.from_contents(geo)
    registry = Registry().with_resources(
        [("https://geojson.org/schema/GeoJSON.json", resource), ("https://geojson.org/schema/GeoJSON.json#", resource)]
    )
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())


@cache
def newsml() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(STANDARDS / "newsml-g2/NewsML-G2_2.35-spec-All-Power.xsd"))


@cache
def nitf() -> etree.XMLSchema:
    """NITF 3.6. Its ruby module is a file of its own that IPTC does not publish beside it: it is left out."""
    tree = etree.parse(STANDARDS / "newsml-g2/nitf-3-6.xsd")
    for include in tree.findall("{http://www.w3.org/2001/XMLSchema}include"):
        include.getparent().remove(include)
    return etree.XMLSchema(tree)
