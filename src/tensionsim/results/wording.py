"""Wording: how a result's span and the values that were set are said, wherever it is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np


def span(start: object, end: object, last: object) -> str:
    """From start to end, with the last row where it is another day: the last step begins before the end."""
    text = f"{start} to {end}"
    return text if str(last) == str(end) else f"{text} (last row {last})"


def plain(value: object) -> object:
    """A value as JSON has it; dates become ISO texts."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (np.generic, np.ndarray)):
        return plain(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def settings(values: Mapping[str, object]) -> str:
    """The values that were set, by path, as in "with actors.washington.rhetoric = 0.4"; empty where none was."""
    found = [f"{path} = {_flow(plain(value))}" for path, value in values.items()]
    return f"with {', '.join(found)}" if found else ""


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)
