"""What all tests share: figures without a screen, hypothesis without a clock."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ.setdefault("MPLBACKEND", "agg")

# A busy machine is no defect. In CI the examples are the same every time, so that a change is judged alone.
settings.register_profile("tensionsim", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("tensionsim")
