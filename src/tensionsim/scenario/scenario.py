"""Scenario files: what a researcher writes, checked and resolved into a `Scenario`.

Below is what provenance says of code of one's own: where it is defined, with which arguments, and a hash of it.
"""

from __future__ import annotations

import datetime as dt
import dis
import hashlib
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from types import CellType, CodeType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tensionsim.errors import TensionSimError, shown, telling_options
from tensionsim.model.mechanisms import MECHANISMS, Mechanism
from tensionsim.model.parameters import Parameter
from tensionsim.model.structure import Floats
from tensionsim.notebook import as_html
from tensionsim.scenario import files, paths, yaml_tree
from tensionsim.scenario.files import SCENARIO, Assignment, Merged, NamedFile, Reader
from tensionsim.scenario.judgements import with_tables
from tensionsim.scenario.names import names_of, of_history, with_events
from tensionsim.scenario.quantities import Span, settled
from tensionsim.scenario.references import check_references, notes_on
from tensionsim.scenario.schema import MOST_OUTLOOKS, Change, ScenarioFile
from tensionsim.scenario.validation import check
from tensionsim.scenario.yaml_tree import Node, Report, Source, SourceLocation, from_plain, quoted, read_nodes

if TYPE_CHECKING:
    from tensionsim.webpage.answers import Document

COMMAND_LINE_ORDER = 1_000
"""Problems of the command line are listed after those of files."""

Given: TypeAlias = "str | os.PathLike[str] | Mapping[str, object] | Node | IO[str] | IO[bytes]"
"""What a scenario is loaded from; nodes are of a file that was read already."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that can be run.

    file : everything that it says, merged and checked. name : stem of its file. path : of its file; empty where no file
    says the same. outlook : the branch applied,
    if any. text : the whole of it as YAML that runs by itself. sha256 : of `text`. notes : what was read
    differently from how it is written (dates that fall between steps, lists that replace a base's) or does
    less than one might think. agents, mechanisms : code of one's own that its runs are made with, see `with_code`.

    Examples
    --------
    >>> import tensionsim as ts
    >>> scenario = ts.load("norland-suderia")
    >>> scenario.title, scenario.outlook_names
    ('Norland and Suderia', ('calm', 'loud'))
    >>> louder = scenario.with_values({"actors.*.rhetoric": 0.9})
    >>> louder.file.actors["norland"].rhetoric
    0.9
    """

    file: ScenarioFile
    name: str
    path: str
    outlook: str | None
    text: str
    sha256: str
    notes: tuple[str, ...]
    _merged: Merged = field(repr=False, compare=False)
    _values: Mapping[str, object] = field(repr=False, compare=False)
    _reading_notes: tuple[str, ...] = field(repr=False, compare=False)
    agents: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    mechanisms: tuple[Mechanism, ...] = ()

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        branch = f", outlook {self.outlook}" if self.outlook else ""
        changed = f", {len(self._values)} set" if self._values else ""
        span = f"{self.file.start} to {self.file.end}, by {self.file.step}"
        return f"<Scenario {self.name!r}: {self.title!r}, {span}{branch}{changed}>"

    def _repr_html_(self) -> str:
        parts = {"actors": [*self.file.actors], "issues": [*self.file.issues], "outlooks": [*self.outlook_names]}
        lines = [f"{what}: {', '.join(names)}" for what, names in parts.items() if names]
        return as_html(self, [*lines, *self.notes])

    @property
    def title(self) -> str:
        return self.file.title

    @property
    def values(self) -> Mapping[str, object]:
        """What `with_values`, `load(set=...)` or `--set` has set, by path, in that order."""
        return MappingProxyType(dict(self._values))

    @property
    def code(self) -> tuple[str, ...]:
        """Agents and mechanisms of one's own, each by its name, where it is defined and a hash of what it does."""
        told = [f"agent {name}: {described(kind)}" for name, kind in sorted(self.agents.items())]
        for one in self.mechanisms:
            told.append(f"mechanism {one.name} ({', '.join(one.parameters)}): {described(one.contribution, one)}")
        return tuple(told)

    @property
    def span(self) -> Span:
        return Span(self.file.start, self.file.end, self.file.step)

    @property
    def dt_months(self) -> float:
        """Length of a step in months."""
        return self.span.step_months

    @property
    def n_steps(self) -> int:
        """Number of steps that begin before the end."""
        return self.span.n_steps

    @property
    def steps(self) -> tuple[dt.date, ...]:
        """The start, then the end of every step, as a result has its rows."""
        return tuple(self.span.at(step) for step in range(self.n_steps + 1))

    @property
    def outlook_names(self) -> tuple[str, ...]:
        """Names of the scenario's outlooks."""
        return tuple(name for name, _, _ in self._merged.tree.child("outlooks").entries)

    def with_outlook(self, name: str | None) -> Scenario:
        """The scenario with one of its outlooks instead of the one it has; None for none.

        Raises
        ------
        ScenarioError
            If there is no such outlook.
        """
        return self._with(outlook=name)

    def extended(self, layer: Given) -> Scenario:
        """The scenario with what another says laid over it, as a file is laid over those that it extends.

        layer : what `load` takes. Its keys add and replace: {"moves": {"send_gifts": {...}}}, {"issues": {...}}; its
        key `remove` takes away first. Values set and the outlook stay over it.

        Raises
        ------
        ScenarioError
            If the outcome cannot be used; it lists every problem, each with its place.
        """
        report = Report()
        tree, file, root = read_given(layer, report, COMMAND_LINE_ORDER)
        reader = Reader(report, root, with_tables)
        laid = reader.laid(tree, (file,), self._merged)
        merged, notes = _checked(laid, report, self.mechanisms, is_whole=reader.is_whole)
        return self._with(merged=merged, path="", report=report, notes=(*self._reading_notes, *notes))

    def without(self, *paths: str) -> Scenario:
        """The scenario without what stands at some paths: "moves.send_gifts", "actors.*.checks", "issues.trade".

        Raises
        ------
        ScenarioError
            If there is no such path, or something else needs what stands there; it lists every problem.
        """
        report = Report()
        layer = from_plain({"remove": paths}, SourceLocation(Source("without", order=COMMAND_LINE_ORDER)), report)
        report.raise_if_any()
        return self.extended(layer)

    def with_values(self, values: Mapping[str, object]) -> Scenario:
        """The scenario with values set by path, over those set before: {"actors.*.insulation": 0.9}.

        Raises
        ------
        ScenarioError
            If a path or a value is not one that a scenario can have.
        """
        return self._with(values={**self._values, **_by_path(values)})

    def without_draws(self) -> Scenario:
        """The scenario with every uncertain number at its estimate, or where none is stated at its mean.

        Examples
        --------
        >>> import tensionsim as ts
        >>> open_one = ts.load("norland-suderia", set={"actors.norland.rhetoric": {"uniform": [0.2, 0.6]}})
        >>> open_one.without_draws().file.actors["norland"].rhetoric
        0.4
        """
        values = {path: settled(value) for path, value in self._values.items()}
        return self._with(merged=self._merged.settled(), values=values)

    def explore(self, *, runs: int = 200) -> Document:
        """The scenario and its outlooks as a page, computed from so many runs each; a notebook shows it.

        To move its numbers as well: `tensionsim page`.

        Raises
        ------
        ValueError
            If `runs` is below 1.
        """
        from tensionsim.webpage.answers import document

        return document([self], runs=runs)

    @partial(telling_options, module=__name__, name="with_code")
    def with_code(
        self, *, agents: Mapping[str, Callable[..., Any]] | None = None, mechanisms: Sequence[Mechanism] | None = None
    ) -> Scenario:
        """The scenario whose runs are made with agents and mechanisms of one's own; None leaves those it has.

        Whatever takes a scenario takes this one: runs, sweeps, comparisons, effects, fits. Its text holds the
        parameters of such a mechanism, and `with_values` sets its parameters as those of any other.

        Raises
        ------
        TensionSimError
            If there is no such actor, or a mechanism's name is taken.
        """
        given: object = agents
        if not isinstance(given, Mapping | None):
            actor = next(iter(self.file.actors))
            raise TypeError(f'agents are given by actor, as in {{"{actor}": Kind}}; got {agents!r:.80}')
        chosen = self.agents if agents is None else dict(agents)
        if unknown := sorted(set(chosen) - set(self.file.actors)):
            there = ", ".join(self.file.actors)
            raise TensionSimError(f"no actor {', '.join(unknown)} in {self.name}; there is {there}")
        return replace(self if mechanisms is None else self._with(mechanisms=checked(mechanisms)), agents=chosen)

    def _with(self, **changed: Any) -> Scenario:
        """The scenario resolved anew, with something else of what `_resolved` takes."""
        kept: dict[str, Any] = {"merged": self._merged, "values": self._values, "notes": self._reading_notes}
        kept |= {name: getattr(self, name) for name in ("name", "path", "outlook", "mechanisms")} | changed
        if "report" not in kept and changed.keys() & {"merged", "mechanisms"}:  # not checked together so far
            _check(kept["merged"].tree, kept["mechanisms"], kept.setdefault("report", Report()))
        return replace(self._resolved(**{"report": Report()} | kept), agents=self.agents)

    @classmethod
    def _resolved(
        cls,
        merged: Merged,
        name: str,
        path: str,
        report: Report,
        *,
        outlook: str | None = None,
        values: Mapping[str, object] = MappingProxyType({}),
        notes: tuple[str, ...] = (),
        mechanisms: tuple[Mechanism, ...] = (),
    ) -> Scenario:
        """The scenario of merged files with an outlook and values; `report` has what was found wrong in the files."""
        is_good = not len(report)
        known = [one for one, _, _ in merged.tree.child("outlooks").entries]
        if outlook is not None and outlook not in known:
            location = SourceLocation(Source(path or name, order=COMMAND_LINE_ORDER))
            report.add(location, f"no outlook {quoted(outlook)}{report.near(outlook, known) or '; it has none'}")
            outlook = None
        if not is_good:
            report.stop()
        set_by_path, before_values = [], len(report.notes)
        for text, value in values.items():
            location = SourceLocation(Source("set", order=COMMAND_LINE_ORDER, label=text[:80]))
            before = len(report)
            node = with_tables(from_plain(value, location, report), report)
            if len(report) == before:
                set_by_path.append(Assignment(text, location, node))
        tree = _branch(merged, outlook, set_by_path, mechanisms, report)
        report.raise_if_any()
        said: Any = files.spelled_out(tree, tree, names_of(tree, mechanisms).known).plain
        if mechanisms:
            said["mechanisms"] = {**said.get("mechanisms", {}), **_resolved_of(mechanisms, said.get("mechanisms", {}))}
        file = ScenarioFile.model_validate(said)
        text = yaml_tree.write(_as_values(file, tree, outlook))
        return cls(
            file=file,
            name=name,
            path=path,
            outlook=outlook,
            text=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            notes=(*of_history(file, (*notes, *report.notes[before_values:])), *notes_on(file, tree)),
            _merged=merged,
            _values={**values, **{one.text: one.node.plain for one in set_by_path}},
            _reading_notes=notes,
            mechanisms=mechanisms,
        )


def load(
    source: Given,
    *,
    outlook: str | None = None,
    set: Mapping[str, object] | None = None,
    mechanisms: Sequence[Mechanism] = (),
) -> Scenario:
    """The scenario of a file, or the shipped one of that name.

    source : a path, a shipped name, an open file, YAML text (of more than a line), or a mapping of what a file holds.
    What it extends is looked for beside its file, else in the folder one is in. outlook : the branch of it to apply.
    set : values by path that win over everything in the file. mechanisms : your own, whose parameters the file and
    `set` may state.

    Raises
    ------
    ScenarioError
        If it cannot be used; it lists every problem, each with its place.

    Examples
    --------
    >>> import tensionsim as ts
    >>> ts.load("norland-suderia", outlook="calm", set={"actors.norland.rhetoric": 0.1}).outlook
    'calm'
    >>> harsher = {"extends": "norland-suderia", "title": "Harsher", "actors": {"norland": {"rhetoric": 0.9}}}
    >>> ts.load(harsher).file.actors["norland"].rhetoric
    0.9
    """
    report, own = Report(), checked(mechanisms)
    return _loaded(*read_given(source, report), report, own, outlook=outlook, values=_by_path(set or {}))


def _loaded(
    tree: Node, file: NamedFile, root: Path, report: Report, mechanisms: tuple[Mechanism, ...], **branch: Any
) -> Scenario:
    reader = Reader(report, root, with_tables)
    merged, notes = _checked(reader.laid(tree, (file,), Merged()), report, mechanisms, is_whole=reader.is_whole)
    name, path = file.path.stem, file.label
    return Scenario._resolved(merged, name, path, report, notes=notes, mechanisms=mechanisms, **branch)


def _by_path(values: Mapping[str, object]) -> Mapping[str, object]:
    if not isinstance(values, Mapping):
        raise TypeError(f'values are a mapping by path, {{"actors.norland.rhetoric": 0.3}}; got {shown(values)}')
    return values


def read_given(source: Given, report: Report, order: int = 0, kind: str = SCENARIO) -> tuple[Node, NamedFile, Path]:
    """The tree of what was given, the file that it is or stands for (of no label), and the folder of its bases."""
    text: tuple[str, Source] | None
    file = NamedFile(Path("scenario"), "")
    if isinstance(source, Node):
        return source, file, file.path.parent
    if isinstance(source, Mapping):
        tree = from_plain(source, SourceLocation(Source("the mapping", order=order)), report, path="")
        report.raise_if_any()
        return tree, file, file.path.parent
    if isinstance(source, str) and "\n" in source:
        text = source, yaml_tree.source_of(source, "the text", order)
    elif isinstance(source, str | os.PathLike):
        named = files.find(str(source), report, kind)
        text = None if named is None else files.read(named, None, order, report)
        file = named or file
    elif callable(getattr(source, "read", None)):
        content, name = source.read(), getattr(source, "name", None)
        file = NamedFile(Path(name), name) if isinstance(name, str) else file
        content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        text = files.decoded(content, file.label or "the file", order, report)
    else:
        raise TypeError(f"a {kind} is a path, a shipped name, a mapping, YAML text or open file; got {shown(source)}")
    parsed = read_nodes(*text, report) if text else None
    if not parsed:
        report.stop()
    shipped = files.shipped_folder()
    return parsed, file, shipped if files.is_within(file.path, shipped) else file.path.parent


def checked(mechanisms: Sequence[Mechanism]) -> tuple[Mechanism, ...]:
    """Mechanisms of one's own, in their order; TensionSimError where a name is taken."""
    given: object = mechanisms
    if not isinstance(given, Sequence) or not all(isinstance(one, Mechanism) for one in given):
        raise TypeError(f"mechanisms are a list of Mechanism, as in [one]; got {given!r:.80}")
    names = [*(one.name for one in MECHANISMS), "bias", "expectations", "direction", *(one.name for one in mechanisms)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TensionSimError(f"there is a mechanism {twice[0]} already; give yours another name")
    return tuple(mechanisms)


def _resolved_of(mechanisms: Sequence[Mechanism], said: Mapping[str, Any]) -> dict[str, Any]:
    """What a text says of mechanisms of one's own: their parameters, as those whose code it lacks have no defaults."""
    found = {}
    for one in mechanisms:
        given = said.get(one.name, "on")
        values = {name: float(parameter.default) for name, parameter in one.parameters.items()}
        found[one.name] = {**values, **given} if isinstance(given, Mapping) else values if given == "on" else given
    return {name: values or "on" for name, values in found.items()}


def from_text(text: str, name: str, mechanisms: tuple[Mechanism, ...] = ()) -> Scenario:
    """The scenario that a whole YAML text means, one without bases; messages call its file NAME.yaml."""
    report, path = Report(), f"{name}.yaml"
    tree = read_nodes(text, yaml_tree.source_of(text, path), report)
    if not tree:
        report.stop()
    return _loaded(tree, NamedFile(Path(path), path), Path(), report, mechanisms)


def scenario_of(
    given: Scenario | Given,
    *,
    agents: Mapping[str, Callable[..., Any]] | None = None,
    mechanisms: Sequence[Mechanism] | None = None,
) -> Scenario:
    """The scenario itself, or the one that is loaded from what was given, with code of one's own where it is given."""
    found = given if isinstance(given, Scenario) else load(given, mechanisms=mechanisms or ())
    is_bare = agents is None and mechanisms is None
    return found if is_bare else found.with_code(agents=agents, mechanisms=mechanisms)


def streams_of(changes: Sequence[Change]) -> tuple[str, ...]:
    """The name of each change's luck: its `luck`, or whom or what it changes with its place among such changes."""
    named: Counter[str] = Counter()
    found: dict[int, str] = {}
    for index, change in sorted(enumerate(changes), key=lambda one: one[1].date):
        subject = change.actor or " ".join(sorted({*change.set, *(path for one in change.one_of for path in one.set)}))
        named[subject] += 1
        found[index] = change.luck or f"changes.{subject}.{named[subject]}"
    return tuple(found[index] for index in range(len(changes)))


def by_itself(scenario: Scenario) -> Scenario:
    """The scenario as one without a branch: what is laid over it then comes after what its outlook says."""
    if scenario.outlook is None:
        return scenario
    return from_text(scenario.text, scenario.name, scenario.mechanisms).with_code(agents=scenario.agents)


def meant_by(scenario: Scenario, text: str) -> tuple[str, ...]:
    """The full paths of a scenario that a dotted path means, wildcards replaced; NoPath suggests another."""
    tree = scenario._merged.tree
    return tuple(paths.join(path) for path in paths.expand(tree, text, names_of(tree, scenario.mechanisms).known))


def _branch(
    merged: Merged, outlook: str | None, values: Sequence[Assignment], mechanisms: tuple[Mechanism, ...], report: Report
) -> Node:
    """Checked files with an outlook, values and the events of a history that they name; what is changed is checked."""
    tree = files.varied(merged, outlook, values, names_of(merged.tree, mechanisms).known, report)
    if tree.child("history") is not merged.tree.child("history"):
        tree = with_events(tree, names_of(tree), report)
    if tree is not merged.tree:
        _check(tree, mechanisms, report)
    return tree


def _check(tree: Node, mechanisms: tuple[Mechanism, ...], report: Report, *, is_whole: bool = True) -> None:
    check(tree, ScenarioFile, report, is_whole=is_whole)
    if is_whole:
        check_references(tree, names_of(tree, mechanisms), report)


def _checked(
    merged: Merged, report: Report, mechanisms: tuple[Mechanism, ...], *, is_whole: bool
) -> tuple[Merged, tuple[str, ...]]:
    """The files with the events of their history, and notes on reading them; checks them and each outlook."""
    if not merged.layers:
        report.stop()
    read = with_events(merged.tree, names_of(merged.tree), report)
    if read is not merged.tree:
        history = {key: node for key, node in read.by_key.items() if key == "history"}
        merged = merged.over(Node(history, read.location), () if history else {("history",)})
    tree, notes = merged.tree, tuple(report.notes)
    _check(tree, mechanisms, report, is_whole=is_whole)
    if is_whole:
        for name, _, outlook in islice(tree.child("outlooks").entries, MOST_OUTLOOKS):
            if outlook.is_mapping:
                with report.outlook(name):
                    _branch(merged, name, (), mechanisms, report)
    return merged, notes


def _as_values(file: ScenarioFile, tree: Node, outlook: str | None) -> dict[str, Any]:
    """What the resolved scenario says, as plain values that can be loaded again, in one order however merged."""
    values = file.model_dump(by_alias=True, exclude_unset=True)
    if outlook is not None:
        values.pop("outlooks", None)
    orders: dict[str, Collection[str]] = {
        **dict.fromkeys(("stances", "salience"), tuple(file.issues)),
        **dict.fromkeys(("dependence", "affinity"), tuple(file.actors)),
        "yardstick": tuple(file.indicators),
    }
    for patch in (*values["actors"].values(), *values.get("leaders", {}).values()):
        for name in orders.keys() & patch.keys():
            patch[name] = {key: patch[name][key] for key in orders[name] if key in patch[name]}
    lost = files.lost_of_leaders(tree)
    return {**values, "remove": lost} if lost else values


OURS = ("tensionsim", "mesa")
"""Packages whose code a version stands for."""

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic)

MADE_OF: tuple[tuple[type, tuple[str, ...]], ...] = (
    (CodeType, ("co_code", "co_names", "co_varnames", "co_consts")),
    (FunctionType, ("__code__", "__defaults__", "__kwdefaults__", "__closure__")),
    (CellType, ("cell_contents",)),
    (MethodType, ("__func__",)),
    (classmethod, ("__func__",)),
    (staticmethod, ("__func__",)),
    (property, ("fget", "fset")),
    (partial, ("func", "args", "keywords")),
    (type(cache(re.compile)), ("__wrapped__",)),
    (Parameter, ("default", "low", "high")),
)
"""What makes things of these kinds what they are."""


def described(made_by: Callable[..., Any], mechanism: Mechanism | None = None) -> str:
    """A class or function, its arguments, and a hash of what it, what it inherits from and reads by name does."""
    given, found, whole = "", hashlib.sha256(), (made_by, mechanism and mechanism.parameters)
    while isinstance(made_by, partial):
        named = [repr(one) for one in made_by.args] + [f"{name}={one!r}" for name, one in made_by.keywords.items()]
        given, made_by = f"({', '.join(named)})", made_by.func
    module = getattr(made_by, "__module__", None) or "?"
    for text in _content(whole, {}, module.split(".")[0]):
        found.update(f"{text}\n".encode())
    name = f"{module}.{getattr(made_by, '__qualname__', type(made_by).__qualname__)}"
    return f"{name}{given} #{found.hexdigest()[:8]}"


def absent(said: Sequence[str]) -> tuple[Mechanism, ...]:
    """What stands for the mechanisms among a scenario's `code` where their functions are not there."""
    found = []
    for match in filter(None, (re.match(r"mechanism (\w+) \((.*?)\): ", text) for text in said)):
        parameters = {name: Parameter(0.0, -np.inf, np.inf) for name in match[2].split(", ") if name}
        found.append(Mechanism(match[1], partial(_absent, match[1]), parameters))
    return tuple(found)


def _absent(name: str, *_: object) -> Floats:
    raise TensionSimError(
        f"the mechanism {name} is code of your own, which a folder does not hold; pass it again: mechanisms=[...]"
    )


def _content(value: Any, seen: dict[int, Any], home: str) -> Iterator[str]:
    """What makes something what it is, in texts that are the same in every process; `seen` keeps what it counted."""
    yield repr(value) if isinstance(value, PLAIN) else type(value).__qualname__
    if isinstance(value, PLAIN) or id(value) in seen:
        return
    seen[id(value)] = value
    parts: Any = [getattr(value, name) for kind, names in MADE_OF for name in names if isinstance(value, kind)]
    if isinstance(value, type | FunctionType) and _is_installed(value.__module__, home):
        parts = (value.__module__, value.__qualname__)
    elif isinstance(value, type):
        own = [(name, one) for name, one in vars(value).items() if callable(one) or not name.startswith("__")]
        parts = (value.__qualname__, *value.__bases__, *own)
    elif isinstance(value, FunctionType):
        parts += _read_by(value.__code__, value.__globals__, home)
    elif isinstance(value, Mapping):
        parts = sorted(value.items(), key=repr)
    elif isinstance(value, set | frozenset):
        parts = sorted("".join(_content(one, seen, home)) for one in value)
    elif isinstance(value, np.ndarray):
        parts = (value.shape, value.tolist())
    elif isinstance(value, list | tuple):
        parts = value
    for part in parts:
        yield from _content(part, seen, home)


def _read_by(code: CodeType, there: Mapping[str, Any], home: str) -> list[tuple[str, Any]]:
    """What code reads of its module by name, and of modules that are not installed what it may read, each sorted."""
    names = {one.argval for one in dis.get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    found = [(name, there[name]) for name in sorted(names & there.keys())]
    for module in [one for _, one in found if isinstance(one, ModuleType) and not _is_installed(one.__name__, home)]:
        found += [(name, vars(module)[name]) for name in sorted({*code.co_names} & vars(module).keys())]
    within = [one for one in code.co_consts if isinstance(one, CodeType)]
    return found + [each for one in within for each in _read_by(one, there, home)]


def _is_installed(module: str | None, home: str) -> bool:
    """Whether a module is of Python itself, of ours or of a package that was installed, other than the code's own."""
    top = (module or "?").split(".")[0]
    place = getattr(sys.modules.get(top), "__file__", None) or ""
    return top in OURS or top in sys.stdlib_module_names or (top != home and "-packages" in place)
