"""The project around the package: what the wheel carries, what the files promise, what they must not name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import tensionsim

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def tracked_files() -> list[Path]:
    """Files that git tracks or would track; skips where the checkout is no repository."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in the wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        return archive.namelist()


def test_wheel_carries_every_scenario(wheel: list[str]) -> None:
    scenarios = {path.relative_to(ROOT).as_posix() for path in (ROOT / "scenarios").rglob("*.yaml")}
    assert scenarios
    assert {f"tensionsim/{name}" for name in scenarios} <= set(wheel)


def test_wheel_carries_the_whole_package(wheel: list[str]) -> None:
    source = ROOT / "src"
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "tensionsim").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"tensionsim/py.typed", "tensionsim/data/moves.csv", "tensionsim/data/us_colombia_events.csv"} <= files
    assert files <= set(wheel)


def test_wheel_carries_nothing_else(wheel: list[str]) -> None:
    assert {name.split("/")[0] for name in wheel} == {"tensionsim", f"tensionsim-{tensionsim.__version__}.dist-info"}


def test_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert PROJECT["version"] == tensionsim.__version__ == citation["version"]
    assert f"## [{tensionsim.__version__}]" in changelog


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/index.md", "docs/howto.md"])
def test_make_commands_of_a_page_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    lines += re.findall(r"`(make [^`]*)`", text)
    commands = [line.split("#")[0].split() for line in lines if line.startswith("make ")]
    named = {word for command in commands for word in command[1:] if re.fullmatch(r"[a-z][a-z-]+", word)}
    assert named <= targets
    assert page != "README.md" or {"demo", "test"} <= named


# Spelt in pieces, so that this file does not name what it forbids.
PATHS = re.compile("|".join("/" + folder for folder in ("work/", "root/", "opt/", "tmp/v")))
REGISTRIES = re.compile(r"https?://[^\s/]*(?:pypi|pythonhosted|npmjs|registry|mirror|proxy)[^\s/]*", re.IGNORECASE)


def test_no_file_names_a_path_of_a_machine_or_a_registry() -> None:
    found = []
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        hits = (PATHS.search(text), REGISTRIES.search(text))
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in hits if hit]
    assert not found


def test_constraints_hold_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; [\w. <>=!'*-]+)?", line)]
    assert lines
    assert not odd


def test_every_public_name_is_found_and_documented() -> None:
    for name in tensionsim.__all__:
        found = getattr(tensionsim, name)
        assert name == "__version__" or (found.__doc__ or "").strip(), name


def test_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = tensionsim.nonsense


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = "import sys, tensionsim; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    command = [sys.executable, "-c", script]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert not {"numpy", "pandas", "matplotlib", "mesa", "yaml", "pydantic", "click"} & set(loaded)


@pytest.mark.slow
def test_what_is_installed_from_the_source_archive_runs_by_itself(tmp_path: Path) -> None:
    """The archive, and the wheel that pip builds of it, into an empty folder: what runs there is that copy."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    here = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(tmp_path / "site"), str(archive)], check=True, capture_output=True)
    script = (
        "import tensionsim, sys; from tensionsim.cli.main import main; print(tensionsim.__file__); sys.exit(main())"
    )
    command = [sys.executable, "-c", script, "run", "norland-suderia", "--runs", "2", "-o", "out"]
    shown = subprocess.run(command, cwd=tmp_path, env=here, check=True, capture_output=True, encoding="utf-8").stdout
    assert shown.startswith(str(tmp_path / "site" / "tensionsim"))
    assert "Norland and Suderia" in shown
    assert (tmp_path / "out" / "overview.png").stat().st_size > 0


def test_the_conda_recipe_says_what_the_project_says() -> None:
    recipe = yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text(encoding="utf-8"))
    called = {"matplotlib": "matplotlib-base", "mesa[network]": "mesa"}
    split = [re.fullmatch(r"([\w\[\]-]+)(.*)", one) for one in PROJECT["dependencies"]]
    wanted = {f"{called.get(one[1], one[1])} {one[2]}" for one in split if one}
    needs = f"python {PROJECT['requires-python']}"
    assert set(recipe["requirements"]["run"]) == {needs, "networkx", *wanted}
    assert needs in recipe["requirements"]["host"]
    assert recipe["context"]["version"] == PROJECT["version"]
    (program,) = PROJECT["scripts"].items()
    assert recipe["build"]["python"]["entry_points"] == [" = ".join(program)]
    assert (recipe["about"]["license"], recipe["extra"]["recipe-maintainers"]) == (PROJECT["license"], [])


def test_workflows_call_targets_that_there_are() -> None:
    if not (ROOT / ".github").is_dir():
        pytest.skip("not in the source archive")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        runs = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
        assert runs
        assert {word for run in runs for word in run.removeprefix("make ").split()} <= targets


def test_an_extra_of_all_is_an_extra() -> None:
    extras = PROJECT["optional-dependencies"]
    (named,) = re.findall(r"\[(.*)\]", extras["all"][0])
    assert set(named.split(",")) == set(extras) - {"all", "bench", "dev", "viz"}
