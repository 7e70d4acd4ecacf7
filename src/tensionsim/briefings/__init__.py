"""Briefings: what an ensemble or a comparison says, told as an analyst would, every number taken from a table."""

from __future__ import annotations

from tensionsim.briefings.briefing import Briefing
from tensionsim.briefings.making import report

__all__ = ["Briefing", "report"]
