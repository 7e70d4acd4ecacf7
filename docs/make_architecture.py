"""The table of rooms of architecture.md: the layers of pyproject.toml, and what each room's docstring says of it."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import passages

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "architecture.md"
SOURCE = DOCS.parent / "src" / "tensionsim"


def main() -> None:
    """Writes the table into the page."""
    passages.write(PAGE, made())


def made() -> dict[str, str]:
    """The rooms, floor by floor."""
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))
    floors = project["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = ((name, number) for number, floor in enumerate(floors) for name in re.findall(r"\w+", floor))
    rows = ((len(floors) - number, f"`{name}`", told(name)) for name, number in rooms)
    return {"rooms": passages.table(["floor", "room", "what is there"], rows)}


def told(room: str) -> str:
    """The first paragraph of a room's docstring."""
    path = SOURCE / room / "__init__.py"
    tree = ast.parse((path if path.exists() else SOURCE / f"{room}.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n\n")[0]


if __name__ == "__main__":
    main()
