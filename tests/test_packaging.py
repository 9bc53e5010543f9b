"""The package says what the repository says, and what is installed from it works in another folder."""

import ast
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Callable
from email import message_from_string
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

import xmodal_core

ROOT = Path(__file__).parents[1]
CORE = ROOT / "xmodal_core"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKED = ("pyproject.toml", "README.md", "LICENSE", "requirements.txt")
NOT_IMPORTED = {"accelerate", "umap_learn"}  # requirements.txt says what they are for
COMES_WITH = {
    "huggingface_hub": "transformers",
    "starlette": "streamlit",
}  # ours to import, and never without the other
OPTIONAL = {"sentencepiece"}  # used by transformers where a person has installed it


def written_name(distribution: str) -> str:
    return re.sub(r"[-_.]+", "_", distribution).lower()


def requirements(file: str) -> dict[str, str]:
    """Names with their versions; a line that is no exact version fails."""
    lines = [line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if line[:1] not in ("#", "")]
    found = [re.fullmatch(r"([\w.-]+)==([\w.]+)(?:  # .+)?", line) for line in lines if not line.startswith("-r ")]
    assert None not in found, lines
    return {written_name(one[1]): one[2] for one in found if one}


def imported_packages(*places: Path) -> set[str]:
    """Distributions outside the standard library that the code in these places imports, or looks up by name."""
    roots = set()
    for path in [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                roots |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                roots.add(node.module.split(".")[0])
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("find_spec"):
                roots |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    known = packages_distributions()
    roots -= sys.stdlib_module_names | {"xmodal_core", "pages"}
    return {written_name(known.get(root, [root])[0]) for root in roots}


def test_dependencies_and_version_stand_in_one_place() -> None:
    assert set(PROJECT["project"]["dynamic"]) == {"version", "dependencies"}
    dynamic = PROJECT["tool"]["setuptools"]["dynamic"]
    assert dynamic["dependencies"] == {"file": ["requirements.txt"]}
    assert dynamic["version"] == {"attr": "xmodal_core.__version__"}
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    assert not set(requirements("requirements.txt")) & set(requirements("requirements-dev.txt"))


def test_what_is_imported_is_listed_and_what_is_listed_is_imported() -> None:
    imported = imported_packages(CORE, ROOT / "pages", ROOT / "app.py")
    imported = {COMES_WITH.get(name, name) for name in imported}
    listed = set(requirements("requirements.txt"))
    assert imported - listed - OPTIONAL == set()
    assert listed - imported - NOT_IMPORTED == set()


def test_every_requirement_says_what_it_is_for() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#") and "  # " not in line] == []


def test_the_changelog_knows_the_version() -> None:
    headings = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert xmodal_core.__version__ in headings


def test_every_file_that_is_no_module_is_package_data() -> None:
    listed = {
        path
        for package, patterns in PROJECT["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")).glob(pattern)
    }
    others = {path for path in CORE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc", ".nbi", ".nbc")}
    assert others == listed
    assert CORE / "py.typed" in listed
    assert CORE / "model" / "weights" / "fractal-vit" / "model.safetensors" in listed


def test_the_command_leads_to_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    module, _, name = PROJECT["project"]["scripts"]["xmodal"].partition(":")
    main: Callable[[list[str]], int] = getattr(importlib.import_module(module), name)
    assert main(["examples"]) == 0
    assert "digits" in capsys.readouterr().out


def test_the_same_ruff_checks_a_commit_and_the_repository() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (found,) = re.findall(r"repo: \S+/ruff-pre-commit\n +rev: v([\d.]+)\b", hooks)
    assert found == requirements("requirements-dev.txt")["ruff"]


def call(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run something in another folder, as somebody does who has no checkout; it must succeed."""
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built from a copy: a build leaves files behind."""
    pytest.importorskip("pip", reason="this environment has no pip to build with")
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for name in PACKED:
        shutil.copy(ROOT / name, copy)
    shutil.copytree(CORE, copy / CORE.name, ignore=shutil.ignore_patterns("__pycache__"))
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-build-isolation"]
    call([sys.executable, "-m", "pip", "wheel", *quiet, "--wheel-dir", out, copy], out)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_the_core_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        about = message_from_string(archive.read(metadata).decode("utf-8"))
    ours = [path for path in CORE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert names == {path.relative_to(ROOT).as_posix() for path in ours}
    assert about["Version"] == xmodal_core.__version__
    needed = dict(line.split("==") for line in about.get_all("Requires-Dist", []))
    assert {written_name(name): version for name, version in needed.items()} == requirements("requirements.txt")


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs of a new environment that has the wheel, and the libraries of this one, so that no network is needed."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    folder = home / ("Scripts" if os.name == "nt" else "bin")
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    call([sys.executable, "-m", "pip", "--python", folder / "python", "install", *quiet, wheel], home)
    libraries = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (own,) = {path.parent for path in home.rglob("xmodal_core") if path.is_dir()}
    (own / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    return folder


def test_installed_elsewhere_it_lists_its_examples(programs: Path, tmp_path: Path) -> None:
    listed = call([programs / "xmodal", "examples"], tmp_path)
    assert "digits" in listed.stdout
    assert listed.stderr == ""
    where = call([programs / "python", "-c", "import xmodal_core; print(xmodal_core.__file__)"], tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(programs.parent)


def test_installed_elsewhere_it_finds_its_weights(programs: Path, tmp_path: Path) -> None:
    asked = ["--source", "fractals", "--target", "wine", "--metrics", "knn", "--n", "100", "--no-curve", "--json"]
    done = call([programs / "xmodal", "gap", *asked], tmp_path)  # the fractals may have been drawn before
    found: dict[str, Any] = json.loads(done.stdout)
    assert list(found["readings"]) == ["knn"]
    assert 0 < found["readings"]["knn"]["value"] <= 1
    assert done.stderr == ""
