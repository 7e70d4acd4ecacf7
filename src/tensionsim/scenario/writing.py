"""Writes a scenario's values as YAML: one text for the same values, readable, and read back as they were."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence

WIDTH = 110

_BARE = re.compile(r"(?:\d+(?:\.\d+)? )?[^\W\d][\w ./()%'>-]*")
_READ_OTHERWISE = re.compile(r"(?i:null|true|false|yes|no|on|off|y|n|~)")
_NOT_PRINTABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def write(values: Mapping[str, object]) -> str:
    """YAML text of a mapping: one key a line, short mappings and lists on one line."""
    return "".join(f"{line}\n" for line in _mapping(values, 0))


def _mapping(values: Mapping[str, object], indent: int) -> Iterator[str]:
    for key, value in values.items():
        yield from _entry(f"{' ' * indent}{_text(str(key))}:", value, indent)


def _entry(head: str, value: object, indent: int) -> Iterator[str]:
    flow = _flow(value)
    is_short = len(head) + len(flow) < WIDTH and (indent > 0 or not isinstance(value, Mapping) or not value)
    if is_short or not isinstance(value, (Mapping, list, tuple)):
        yield f"{head} {flow}"
        return
    yield head
    if isinstance(value, Mapping):
        yield from _mapping(value, indent + 2)
        return
    for item in value:
        yield from _item(item, indent + 2)


def _item(item: object, indent: int) -> Iterator[str]:
    flow = _flow(item)
    dash = f"{' ' * indent}- "
    if len(dash) + len(flow) < WIDTH or not isinstance(item, Mapping) or not item:
        yield dash + flow
        return
    lines = list(_mapping(item, indent + 2))
    yield dash + lines[0].lstrip(" ")
    yield from lines[1:]


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(key))}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return _number(value)
    return _text(str(value))


def _number(value: float) -> str:
    is_round = not isinstance(value, int) and value.is_integer() and abs(value) < 1e15
    return f"{value:.1f}" if is_round else repr(value)


def _text(text: str) -> str:
    is_other = _READ_OTHERWISE.fullmatch(text) or text.endswith(" ") or "  " in text
    if _BARE.fullmatch(text) and not is_other:
        return text
    return _NOT_PRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
