"""The studies that can be replicated, in the order in which they are told."""

from __future__ import annotations

from tensionsim.analysis.replication import goldstein_freeman, hawkes, recovery, richardson
from tensionsim.analysis.replication.study import Study

ALL: tuple[Study, ...] = (richardson.STUDY, hawkes.STUDY, goldstein_freeman.STUDY, recovery.STUDY)
