"""Executors: where the chunks of an ensemble are simulated. The results do not tell."""

from tensionsim.ensemble.executors.interface import Executor
from tensionsim.ensemble.executors.selection import executor

__all__ = ["Executor", "executor"]
