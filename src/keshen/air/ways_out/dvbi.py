"""The service list that DVB-I receivers read (ETSI TS 103 770): television sets that find channels on the internet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from keshen.air.guide import Channel
from keshen.air.ways_out.dash import MANIFEST_TYPE

LIST_TYPE: Final = "application/vnd.dvb.dvbisl+xml"

_NS: Final = "urn:dvb:metadata:servicediscovery:2024"
_TYPES: Final = "urn:dvb:metadata:servicediscovery-types:2023"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_LINEAR: Final = "urn:dvb:metadata:cs:ServiceTypeCS:2019:linear"
_DASH: Final = "urn:dvb:metadata:source:dvb-dash"


@dataclass(frozen=True, slots=True)
class Listed:
    """One service of the list: the channel, where its manifest stands, who provides it."""

    channel: Channel
    manifest: str
    provider: str


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, f"{{{_NS}}}{name}", attributes)
    made.text = text or None
    return made


def service_list(name: str, identity: str, services: Iterable[Listed]) -> bytes:
    """The list, in the order given; a service's place is its logical channel number.

    `identity` is the authority part of the tag URIs (RFC 4151) that name the list and its services, such as
    `example.org,2026`.
    """
    held = list(services)
    root = etree.Element(f"{{{_NS}}}ServiceList", nsmap={None: _NS, "dvbi-types": _TYPES})
    root.set("version", "1")
    root.set("id", f"tag:{identity}:services")
    root.set(_LANG, "en")
    _add(root, "Name", name)
    _add(root, "ProviderName", held[0].provider if held else name)
    numbers = _add(_add(root, "LCNTableList"), "LCNTable")
    for place, one in enumerate(held, 1):
        _add(numbers, "LCN", channelNumber=str(place), serviceRef=f"tag:{identity}:{one.channel.id}")
    for one in held:
        service = _add(root, "Service", version="1")
        _add(service, "UniqueIdentifier", f"tag:{identity}:{one.channel.id}")
        instance = _add(service, "ServiceInstance", priority="1")
        _add(instance, "SourceType", _DASH)
        location = _add(_add(instance, "DASHDeliveryParameters"), "UriBasedLocation", contentType=MANIFEST_TYPE)
        etree.SubElement(location, f"{{{_TYPES}}}URI").text = one.manifest
        for tag, text in (one.channel.names or {"en": one.channel.id}).items():
            _add(service, "ServiceName", text).set(_LANG, tag)
        _add(service, "ProviderName", one.provider)
        _add(service, "ServiceType", href=_LINEAR)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made
