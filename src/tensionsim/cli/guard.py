"""The way in and out of the command: exit statuses instead of tracebacks.

Status 0 is success, 2 that a scenario, an option or a folder cannot be used (the message is on standard error), 130
that Ctrl-C was pressed, 141 that whoever read the output stopped reading.
"""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Sequence

import click

from tensionsim.errors import TensionSimError

BAD_INPUT, INTERRUPTED, READER_GONE = 2, 130, 141

UNWRITTEN = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG)
"""What the system says where standard output takes no more; errors of files name these."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command with `arguments` (those of the process by default) and returns its exit status."""
    # Looking through all installed packages for plugins of pydantic would cost the command some 20 ms; it uses none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    given = list(sys.argv[1:] if arguments is None else arguments)
    _accept_any_letter()
    try:
        from tensionsim.cli.verbs import tensionsim

        status = _run(tensionsim, given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        _silence_output()
        return READER_GONE
    except OSError as failure:
        return _unwritten(failure)
    return status


def _run(command: click.Command, arguments: list[str]) -> int:
    """The exit status of the command; its errors are written to standard error."""
    try:
        typed = shlex.join(["tensionsim", *arguments])
        status = command.main(arguments, prog_name="tensionsim", standalone_mode=False, obj=typed)
    except SystemExit:
        if "_TENSIONSIM_COMPLETE" in os.environ:
            raise
        raise BrokenPipeError from None  # click's own way out when nobody reads any more
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except click.ClickException as problem:
        problem.show()
        return BAD_INPUT
    except OSError as problem:
        if problem.filename is None and problem.errno in UNWRITTEN:
            raise
        click.echo(_in_words(problem), err=True)
        return BAD_INPUT
    except (TensionSimError, MemoryError) as problem:
        click.echo(_in_words(problem), err=True)
        return BAD_INPUT
    return status if isinstance(status, int) else 0


def _interrupted() -> int:
    """The end of a command that nothing of was kept; stores say themselves what they keep."""
    click.echo("interrupted; nothing of it is kept", err=True)
    return INTERRUPTED


def _unwritten(failure: OSError) -> int:
    """The end of a command whose output could not be written."""
    click.echo(f"cannot write standard output: {failure.strerror or failure}", err=True)
    _silence_output()
    return BAD_INPUT


def _in_words(problem: Exception) -> str:
    if isinstance(problem, MemoryError):
        return "these runs need more memory than there is; ask for fewer with --runs"
    if isinstance(problem, OSError):
        return f"{problem.filename}: {problem.strerror}" if problem.filename else problem.strerror or str(problem)
    return str(problem)


def _accept_any_letter() -> None:
    """Letters that the terminal cannot show become `?` rather than an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _silence_output() -> None:
    """Lets Python close standard output without complaining that nobody reads it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
