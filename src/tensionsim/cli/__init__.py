"""The command line: `tensionsim run SCENARIO` and its neighbours. One thin function a verb, in `verbs`."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command with `arguments` (those of the process by default) and returns its exit status."""
    try:
        from tensionsim.cli import guard
    except KeyboardInterrupt:  # while the command is still being loaded
        import sys

        sys.stderr.write("interrupted; nothing of it is kept\n")
        return 130
    return guard.main(arguments)
