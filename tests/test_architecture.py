"""The house rules that a machine can hold: import direction, no Streamlit in the core, no torch in start-up."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "xmodal_core"
LAYERS = [  # lowest first; members of one layer do not import each other
    {"errors"},
    {"settings", "files", "environment", "values"},
    {"data"},
    {"model", "scores"},
    {"embedding"},
    {"evaluation", "gap", "objectives", "semantics"},
    {"methods", "panel"},
    {"runs"},
    {"reuse"},
    {"verdict"},  # what it exports has the reuse reports of its runs
    {"figures"},
    {"__main__"},
]
INNER = {  # inside a package, lowest first, as above: what is a file does not know of processes
    "runs": [
        {"failure", "state", "process", "records", "result", "spec"},
        {"rundir", "slots", "run"},
        {"checkpoint", "job", "plan"},
        {"waypoints"},
        {"worker"},
    ],
    "panel": [
        {"request", "points", "triage"},
        {"report"},
        {"clouds", "kept", "words"},
        {"measure", "umap_points"},
        {"background"},
    ],
    "reuse": [
        {"diagnostics", "held_out", "note", "follow"},
        {"report"},
        {"networks", "words"},
        {"knowledge", "trajectory"},
        {"measure"},
    ],
    "verdict": [
        {"intervals", "tuning"},
        {"contrasts"},
        {"design", "experiment", "sizes"},
        {"rules", "results"},
        {"table"},
        {"export"},
        {"words", "evidence"},
    ],
}
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
INNER_RANK = {
    package: {name: rank for rank, names in enumerate(layers) for name in names} for package, layers in INNER.items()
}
NOT_IN_CORE = {"streamlit", "pages", "app"}
FORBIDDEN_NAMES = {"utils", "common", "helpers", "misc"}


def imported_names(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: absolute imports only"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def complaint(own: list[str], name: str) -> str | None:
    parts = name.split(".")
    if parts[0] in NOT_IN_CORE:
        return "the core knows no user interface"
    if parts[0] != "xmodal_core" or own[0] == "__init__" or parts[1] == "__version__":
        return None
    if parts[1] != own[0] and RANK[parts[1]] >= RANK[own[0]]:
        return "not a lower layer"
    if parts[1] == own[0] and own[0] in INNER and own[1] != "__init__" and len(parts) > 2 and parts[2] != own[1]:
        ranks = INNER_RANK[own[0]]
        if ranks[parts[2]] >= ranks[own[1]]:
            return f"not a lower layer of {own[0]}"
    shared = {"base", "stages", "__init__"}
    if own[0] == parts[1] == "methods" and own[1] not in shared and parts[2] not in shared:
        return "a method does not import another"
    return None


def test_core_imports_point_down() -> None:
    wrong = []
    for path in CORE.rglob("*.py"):
        own = list(path.relative_to(CORE).with_suffix("").parts)
        wrong += [
            f"{'/'.join(own)} imports {n}: {why}" for n in sorted(imported_names(path)) if (why := complaint(own, n))
        ]
    assert not wrong, "\n".join(wrong)


def test_every_module_of_the_core_has_a_layer() -> None:
    found = {
        p.stem if p.is_file() else p.name for p in CORE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert found - {"__init__"} == set(RANK)


@pytest.mark.parametrize("package", INNER)
def test_every_module_of_a_layered_package_has_an_inner_layer(package: str) -> None:
    found = {p.stem for p in (CORE / package).iterdir() if p.stem not in ("__init__", "__pycache__")}
    assert found == set(INNER_RANK[package])


def test_nothing_is_called_utils() -> None:
    assert not [p for p in ROOT.rglob("*.py") if p.stem in FORBIDDEN_NAMES and ".venv" not in p.parts]


def test_no_page_lies_directly_in_the_pages_folder() -> None:
    """There, a cold deep link would run the page without app.py."""
    assert not list((ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize(
    "module",
    [
        "xmodal_core.data.examples",
        "xmodal_core.data.readers",
        "xmodal_core.runs.rundir",
        "xmodal_core.verdict.words",
        "xmodal_core.runs.job",
        "xmodal_core.runs.plan",
        "xmodal_core.model.bodies",
        "xmodal_core.gap",
        "xmodal_core.gap.protocol",
        "xmodal_core.gap.projection",
        "xmodal_core.reuse.diagnostics.cka",
        "xmodal_core.reuse.diagnostics.retention",
        "xmodal_core.reuse.report",
        "xmodal_core.reuse.words",
        "xmodal_core.panel.measure",
        "xmodal_core.panel.umap_points",
        "xmodal_core.panel.background",
    ],
)
def test_start_up_modules_import_nothing_heavy(module: str) -> None:
    heavy = ("torch", "transformers", "ot", "umap", "sklearn", "pandas", "plotly", "aeon", "numba")
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == "[]"
