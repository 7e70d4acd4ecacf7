"""The command line: `tensionsim run SCENARIO` and its neighbours. One thin function a verb, in `verbs`."""

from tensionsim.cli.guard import main

__all__ = ["main"]
