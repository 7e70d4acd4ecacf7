"""The way in and out of the command: its verbs, and exit statuses instead of tracebacks.

Status 0 is success, 2 that a scenario, an option or a folder cannot be used (the message is on standard error), 130
that Ctrl-C was pressed, 141 that whoever read the output stopped reading. What this module needs is imported in its
functions, so that Ctrl-C shows no traceback while the command is loaded, either.
"""

from __future__ import annotations

import atexit
import errno
import gc
import os
import re
import shlex
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

BAD_INPUT, INTERRUPTED, READER_GONE = 2, 130, 141

UNWRITTEN = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.EBADF)
"""What the system says where standard output takes no more, or is closed; errors of files name these."""

COMPLETION = """Words complete in your shell after this line in ~/.bashrc (for zsh: zsh_source, in ~/.zshrc):

\b
  eval "$(_TENSIONSIM_COMPLETE=bash_source tensionsim)"
"""


def command() -> click.Group:
    """The command with all verbs: those of the groups `verbs` in the modules named commands."""
    import click

    from tensionsim import __version__
    from tensionsim.cli import commands_analysis, commands_data, commands_futures, commands_run

    tensionsim = click.Group(
        "tensionsim",
        help="Simulate how cooperation between two governments goes on: run a scenario file, read a cooperation index.",
        epilog=COMPLETION,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for module in (commands_run, commands_analysis, commands_futures, commands_data):
        tensionsim.commands.update(module.verbs.commands)
    return click.version_option(__version__, message="%(prog)s %(version)s")(tensionsim)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command with `arguments` (those of the process by default) and returns its exit status."""
    # Looking through all installed packages for plugins of pydantic would cost the command some 20 ms; it uses none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if arguments is None:  # a process of its own: hardly any of its objects are garbage, and to look took a fifth of it
        gc.set_threshold(20_000)
        atexit.register(gc.freeze)
    # One that the shell closed, `>&-`, is None: its number must not become that of a file of results.
    sys.stdout = sys.stdout or open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # letters that the terminal cannot show become `?`
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, category, *_: print(message, file=sys.stderr)
            status = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _ended("interrupted; nothing of it is kept", INTERRUPTED)
    except BrokenPipeError:
        _silence_output()
        return READER_GONE
    except OSError as failure:
        _silence_output()
        return _ended(f"cannot write standard output: {failure.strerror or failure}", BAD_INPUT)
    return status


def _run(arguments: list[str]) -> int:
    """The exit status of the command; its errors are written to standard error."""
    import click

    from tensionsim.errors import TensionSimError

    try:
        # Bytes that are no UTF-8 stand in what is kept of the command as \udc.., for no file takes them.
        typed = shlex.join(["tensionsim", *arguments]).encode("utf-8", "backslashreplace").decode()
        status = command().main(arguments, prog_name="tensionsim", standalone_mode=False, obj=typed)
    except SystemExit:
        if "_TENSIONSIM_COMPLETE" in os.environ:
            raise
        raise BrokenPipeError from None  # click's own way out when nobody reads any more
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as problem:
        if len(problem.message) > 500:  # a value of thousands of letters
            vars(problem)["message"] = f"{problem.message[:400]} ... {problem.message[-100:]}"
        problem.show()
        return BAD_INPUT
    except MemoryError:
        return _ended("these runs need more memory than there is; ask for fewer with --runs", BAD_INPUT)
    except OSError as problem:
        if problem.filename is None and problem.errno in UNWRITTEN:
            raise
        words = problem.strerror or str(problem)
        return _ended(f"{problem.filename}: {problem.strerror}" if problem.filename else words, BAD_INPUT)
    except TensionSimError as problem:
        return _ended(_as_typed(str(problem), arguments), BAD_INPUT)
    return status if isinstance(status, int) else 0


def _as_typed(words: str, arguments: Sequence[str]) -> str:
    """A message that names options as Python does, `replace=True` and `over: ...`, with --replace and --over."""
    for option in {typed[0] for one in arguments if (typed := re.match(r"--\w[\w-]*", one))}:
        words = re.sub(rf"(?m)^{option[2:].replace('-', '_')}: ", f"{option}: ", words)
    found = re.sub(r"\b([a-z_]+)=True\b", lambda flag: "--" + flag[1].replace("_", "-"), words)
    return re.sub(r"\bkeep='(\w+)'", r"--keep \1", found)


def _ended(words: str, status: int) -> int:
    """The status of a command that ended otherwise than it should, after its last words."""
    sys.stderr.write(f"{words}\n")
    return status


def _silence_output() -> None:
    """Lets Python close standard output without complaining that nobody reads it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
