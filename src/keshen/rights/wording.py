"""Restriction lines in English, Russian and Kazakh, read into terms. What is not understood is kept as unclear."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from zoneinfo import ZoneInfo

from keshen.rights.moments import read_moment
from keshen.rights.terms import Terms, Window
from keshen.rights.territories import read_places

HOUSE_ZONE = ZoneInfo("Asia/Almaty")
MAX_LENGTH = 2000
MAX_PARTS = 40
"""A wording longer than these is a contract for a person to read, or an attempt to keep the machine busy."""

type _Reader = Callable[[Terms, str, tzinfo], Terms | None]
"""Adds what one clause says to the terms, or returns None when its inner words are not understood."""

_PLATFORM_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"(?:web\s?sites?|web|internet|online|digital|сайт\w*|веб\w*|интернет\w*|онлайн\w*)(?: use)?", frozenset({"web"})),
    (r"(?:radio|радио\w*|радиоэфир\w*)", frozenset({"radio"})),
    (r"(?:tv|television|тв|телевид\w+|телевизия\w*|телеэфир\w*|теледидар\w*)", frozenset({"tv"})),
    (r"(?:broadcast\w*|эфир\w*)", frozenset({"tv", "radio"})),
    (r"(?:wire|agenc(?:y|ies)|лент\w*|агентство\w*|агенттік\w*)", frozenset({"wire"})),
)
_AND = re.compile(r"\s*(?:/|&|,|\band\b|\bor\b|\bи\b|\bили\b|\bжәне\b|\bмен\b|\bнемесе\b)\s*", re.IGNORECASE)
_LABEL = re.compile(r"^(?:restrictions?|ограничени[ея]|шектеулер|terms|note to editors)\s*:\s*", re.IGNORECASE)
_MEDIUM_PREFIX = re.compile(r"^(?:for |on |the |для |на |в |по )+", re.IGNORECASE)
_MEDIUM_SUFFIX = re.compile(r"(?: (?:use|үшін|ғана))+$", re.IGNORECASE)


def parse(wording: str, language: str = "", *, zone: tzinfo = HOUSE_ZONE) -> Terms:
    """The terms that `wording` states, and the words in it that were not understood.

    Senders mix languages, so that every language is tried; `language` (BCP 47) is only kept for callers' symmetry with
    the other readers. Times without a zone are in `zone`; a day that ends an embargo counts whole.
    """
    terms = Terms(wording=wording)
    if len(wording) > MAX_LENGTH:
        return replace(terms, unclear=(wording[:MAX_LENGTH],))
    for clause in _clauses(wording):
        terms = _read(terms, clause, zone)
    return terms


def _clauses(wording: str) -> list[str]:
    """Sentences and parts between semicolons; commas are left, since lists of places have them."""
    parts = re.split(r"[;\n|]+|(?<=[^\d\s])\.(?:\s+|$)|\s+[/–—-]\s+|(?<=\d)\.(?=\s*$)", wording)
    return [part.strip(" \t.:!•*-–—\u00a0") for part in parts if part and part.strip(" \t.:!•*-–—\u00a0")]


def _read(terms: Terms, clause: str, zone: tzinfo) -> Terms:
    """The longest beginning of `clause`, in whole comma parts, that is understood; then the same of the rest."""
    parts = clause.split(",")
    if len(parts) > MAX_PARTS:
        return replace(terms, unclear=(*terms.unclear, clause))
    while parts:
        for count in range(len(parts), 0, -1):
            done = _clause(terms, ",".join(parts[:count]).strip(" .!"), zone)
            if done is not None:
                terms, parts = done, parts[count:]
                break
        else:
            terms = replace(terms, unclear=(*terms.unclear, parts[0].strip()))
            parts = parts[1:]
    return terms


def _clause(terms: Terms, clause: str, zone: tzinfo) -> Terms | None:
    text = " ".join(clause.split())
    text = _LABEL.sub("", text)
    if not text:
        return terms
    for pattern, reader in _GRAMMAR:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        named = match.groupdict()
        done = reader(terms, named.get("x") or named.get("y") or "", zone)
        if done is not None:
            return done
    return None


def _narrow(old: frozenset[str] | None, new: frozenset[str]) -> frozenset[str]:
    """Two `only` clauses both hold."""
    return new if old is None else old & new


def _deny_places(terms: Terms, x: str, zone: tzinfo) -> Terms | None:
    places = read_places(x)
    if places is None:
        return None
    return replace(terms, territories_denied=terms.territories_denied | places)


def _only_places(terms: Terms, x: str, zone: tzinfo) -> Terms | None:
    places = read_places(x)
    if places is None:
        return None
    return replace(terms, territories_allowed=_narrow(terms.territories_allowed, places))


def _media(x: str) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for part in _AND.split(_MEDIUM_SUFFIX.sub("", _MEDIUM_PREFIX.sub("", x.strip()))):
        part = _MEDIUM_PREFIX.sub("", part.strip())
        for pattern, platforms in _PLATFORM_WORDS:
            if re.fullmatch(pattern, part, re.IGNORECASE):
                found |= platforms
                break
        else:
            return None
    return found or None


def _deny_media(terms: Terms, x: str, zone: tzinfo) -> Terms | None:
    media = _media(x)
    if media is None:
        return None
    return replace(terms, platforms_denied=terms.platforms_denied | media)


def _only_media(terms: Terms, x: str, zone: tzinfo) -> Terms | None:
    media = _media(x)
    if media is None:
        return None
    return replace(terms, platforms_allowed=_narrow(terms.platforms_allowed, media))


def _only_clients(terms: Terms, x: str, zone: tzinfo) -> Terms | None:
    clients = frozenset(name.strip(" «»\"'") for name in _AND.split(x) if name.strip(" «»\"'"))
    return replace(terms, clients_allowed=_narrow(terms.clients_allowed, clients)) if clients else None


def _deny_clients(terms: Terms, x: str, zone: tzinfo) -> Terms | None:
    clients = frozenset(name.strip(" «»\"'") for name in _AND.split(x) if name.strip(" «»\"'"))
    return replace(terms, clients_denied=terms.clients_denied | clients) if clients else None


def _embargo(terms: Terms, x: str, zone: tzinfo) -> Terms | None:
    moment = read_moment(x, zone, end_of_day=True)
    if moment is None:
        return None
    return replace(terms, embargo=max(moment, terms.embargo) if terms.embargo else moment)


def _use_until(terms: Terms, x: str, zone: tzinfo) -> Terms | None:
    moment = read_moment(x, zone, end_of_day=True)
    return replace(terms, windows=_windows(terms, Window(end=moment))) if moment else None


def _use_from(terms: Terms, x: str, zone: tzinfo) -> Terms | None:
    moment = read_moment(x, zone, end_of_day=False)
    return replace(terms, windows=_windows(terms, Window(start=moment))) if moment else None


def _windows(terms: Terms, new: Window) -> tuple[Window, ...]:
    """Both bounds hold: every window is cut to `new`."""
    if not terms.windows:
        return (new,)
    starts = [(max(filter(None, (old.start, new.start)), default=None), old) for old in terms.windows]
    return tuple(Window(start, min(filter(None, (old.end, new.end)), default=None)) for start, old in starts)


def _credit(terms: Terms, x: str, zone: tzinfo) -> Terms:
    credit = "; ".join(filter(None, (terms.credit, x.strip(" «»\"'"))))
    return replace(terms, credit=credit, credit_required=True)


def _archive(terms: Terms, x: str, zone: tzinfo) -> Terms:
    # a later, softer clause never takes back an earlier refusal
    return terms if terms.archive is False else replace(terms, archive=True)


def _no_archive(terms: Terms, x: str, zone: tzinfo) -> Terms:
    return replace(terms, archive=False)


def _no_resale(terms: Terms, x: str, zone: tzinfo) -> Terms:
    return replace(terms, resale=False)


def _editorial(terms: Terms, x: str, zone: tzinfo) -> Terms:
    return replace(terms, editorial_only=True)


def _nothing(terms: Terms, x: str, zone: tzinfo) -> Terms:
    return terms


_PERMITTED = r"(?:permitted|allowed|разреш\w+|допускается|рұқсат(?: етіледі)?|болады)"
_USE = r"use|usage|publication|broadcast|distribution"
_NOT_KK = r"(?:болмайды|тыйым салын\w+|рұқсат (?:етілмейді|жоқ)|қолданылмасын|пайдаланылмасын|мүмкін емес)"
_USE_KK = r"(?:қолдан|пайдалан|жариял|тарат|көрсет)\w*"
_USE_RU = r"(?:использ\w+|показ\w*|публик\w+|распростран\w+|трансл\w+|вещани\w+)"
_NAME = r"(?P<x>[\w .&'«»\"/-]+?)"

_GRAMMAR: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reader)
    for pattern, reader in (
        # nothing is restricted
        (r"(?:no restrictions?|none|unrestricted|free (?:for )?(?:use|all)|без ограничений|ограничений нет|нет"
         r"|шектеусіз|шектеу(?:лер)? жоқ)", _nothing),
        (r"access all|all access|free access|world(?:-?wide)?(?: rights)?|весь мир|бүкіл әлем(?:де)?", _nothing),
        # archive
        (r"no archiv\w*(?: use)?(?: permitted| allowed)?|(?:do )?not (?:to be )?archived?"
         r"|archiving (?:is )?(?:not permitted|prohibited)|(?:без|не) архив\w+"
         r"|архив\w+ (?:запрещен\w*|не разреш\w+|не допускается)|запрещен\w* архив\w+"
         rf"|(?:мұрағат|архив)\w+ (?:{_NOT_KK})", _no_archive),
        (rf"archiv\w+ (?:is )?{_PERMITTED}|архив\w+ {_PERMITTED}|(?:мұрағат|архив)\w+ {_PERMITTED}", _archive),
        # resale
        (r"no (?:re-?)?sales?(?: permitted| allowed)?|no resell\w*|not for (?:re-?sale|sale|syndication)|no syndication"
         r"|(?:без права )?перепродаж\w+(?: (?:запрещен\w*|не допускается|не разреш\w+))?"
         r"|не для перепродажи|не перепродавать"
         rf"|қайта сат\w+ {_NOT_KK}", _no_resale),
        (r"(?:(?:this|the) (?:content|image|picture|video|material) is (?:intended )?)?(?:for )?editorial use only"
         r"|for (?:all )?other uses?,? additional clearances? (?:may be|is|are) required"
         r"|только для редакционного использования|тек редакциялық мақсатта",
         _editorial),
        # clients
        (rf"(?:for )?{_NAME} (?:clients?|subscribers?|members?) only|only (?:for )?{_NAME.replace('x', 'y')} clients",
         _only_clients),
        (rf"только (?:для )?(?:клиент|подписчик)\w+ {_NAME}", _only_clients),
        (rf"тек {_NAME} (?:клиент|жазылушы)\w*(?: үшін)?(?: ғана)?", _only_clients),
        (rf"(?:not for|no use by) {_NAME} clients|не для клиентов {_NAME.replace('x', 'y')}", _deny_clients),
        # time
        (r"(?:strictly )?embargo(?:ed)?:? (?:until|till|to) (?P<x>.+)", _embargo),
        (r"(?:not for (?:release|publication|use|broadcast)|do not (?:use|publish)|no use) (?:before|until) "
         r"(?P<x>.+)", _embargo),
        (r"(?:embargo(?:ed)?|эмбарго):? (?P<x>.+)", _embargo),
        (r"эмбарго:? до (?P<x>.+)", _embargo),
        (rf"не (?:{_USE_RU}) (?:до|ранее) (?P<x>.+)", _embargo),
        (r"эмбарго:? (?P<x>.+?)\s*(?:дейін)", _embargo),
        (rf"(?P<x>.+?)\s*дейін {_USE_KK}(?: {_NOT_KK})", _embargo),
        (r"(?P<x>.+?)\s*дейін жариялама(?:ңыз|у)", _embargo),
        (r"(?:use|for use|available) (?:until|till|by|before) (?P<x>.+)", _use_until),
        (r"(?:not (?:to be used|for use)|no use|do not use|expires) (?:after|on)? ?(?P<x>.+)", _use_until),
        (rf"не {_USE_RU} после (?P<x>.+)", _use_until),
        (rf"{_USE_RU} до (?P<x>.+)", _use_until),
        (rf"(?P<x>.+?)\s*кейін {_USE_KK}(?: {_NOT_KK})", _use_until),
        (r"(?:use|for use|available) (?:from|after) (?P<x>.+)", _use_from),
        (rf"{_USE_RU} (?:с|после) (?P<x>.+)", _use_from),
        # media
        (r"(?P<x>.+?) (?:use )?only|only (?:for |on )?(?P<y>.+)", _only_media),
        (r"(?:no|not for|not on) (?P<x>.+)", _deny_media),
        (r"только (?P<x>.+)", _only_media),
        (r"(?:не для|кроме|без) (?P<x>.+)", _deny_media),
        (rf"тек (?P<x>.+?)(?: ғана)?(?: {_USE_KK})?", _only_media),
        (rf"(?P<x>\w+) {_USE_KK} {_NOT_KK}", _deny_media),
        # places
        (rf"(?:no|not for) (?:{_USE}) outside (?:of )?(?P<x>.+)", _only_places),
        (rf"не (?:для )?{_USE_RU} за пределами (?P<x>.+)", _only_places),
        (r"no (?:use|usage|access|sales?|broadcast|publication|distribution)(?: permitted)?,?"
         r"(?: in| to| for| by)? (?P<x>.+)",
         _deny_places),
        (rf"(?:not (?:for (?:{_USE}) )?in|no|excluding|except(?: for)?|all but|not for) (?P<x>.+)", _deny_places),
        (r"not (?:to be )?(?:used|broadcast|published|distributed) in (?P<x>.+)", _deny_places),
        (r"(?:world(?:-?wide)?(?: rights)?|all rights) (?:except(?: for)?|excluding|but not) (?P<x>.+)", _deny_places),
        (r"(?P<x>.+?) (?:out|excluded)", _deny_places),
        (r"(?:for use )?(?:only )?(?:in |for )(?P<x>.+?) only", _only_places),
        (r"(?P<x>.+?) (?:use )?only", _only_places),
        (r"(?:for use )?only (?:in |for )?(?P<x>.+)", _only_places),
        (rf"(?:не для|запрещен\w*|без|кроме|за исключением|нельзя|не)\s*{_USE_RU}? ?(?P<x>.+)", _deny_places),
        (rf"{_USE_RU} (?:запрещен\w*|не разреш\w+|не допускается) (?P<x>.+)", _deny_places),
        (rf"{_USE_RU} (?P<x>.+?) (?:запрещен\w*|не разреш\w+|не допускается)", _deny_places),
        (rf"только (?:для )?(?:{_USE_RU} )?(?P<x>.+)", _only_places),
        (rf"(?P<x>.+?) (?:{_USE_KK} )?{_NOT_KK}", _deny_places),
        (rf"(?P<x>.+?) басқа(?:(?: елдерде)? {_USE_KK} {_PERMITTED})?", _deny_places),
        (rf"тек (?P<x>.+?)(?: ғана)?(?: {_USE_KK}(?: {_PERMITTED})?)?", _only_places),
        # credit
        (r"(?:credit|courtesy|attribution) (?:is )?(?:mandatory|required|obligatory)|mandatory credit"
         r"|must credit|обязательна ссылка|ссылка (?:на источник )?обязательна"
         r"|указание (?:источника|авторства) обязательно"
         r"|(?:дереккөзіне )?сілтеме (?:жасау )?міндетті|дереккөзі көрсетілсін", _credit),
        (r"(?:mandatory )?(?:on-?screen )?(?:credit|courtesy)(?: mandatory)?(?: of| to|:)? (?P<x>.+)"
         r"|must (?:on-?screen )?(?:credit|courtesy) (?P<y>.+)", _credit),
        (r"(?:обязательна ссылка на|с указанием|photo:|video:|picture:|фото:|видео:) (?P<x>.+)"
         r"|при использовании ссылка на (?P<y>.+?) обязательна",
         _credit),
        (r"(?P<x>.+?)(?:-?[ғгқк][ае])? сілтеме (?:жасау )?міндетті", _credit),
    )
)  # fmt: skip
