"""House rules that a machine can hold: import direction, no Streamlit in the core, a light start-up, tests in place."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "xmodal_core"
TESTS = ROOT / "tests"
LAYERS = [  # lowest first; members of one layer do not import each other
    {"errors"},
    {"settings", "files", "environment", "values", "glossary", "spreadsheet"},
    {"sharing"},
    {"data"},
    {"model", "scores", "losses"},
    {"embedding"},
    {"evaluation", "gap", "objectives", "semantics"},
    {"by_row"},
    {"methods", "panel"},
    {"runs"},
    {"reuse", "experiment"},
    {"verdict"},  # what it exports has the reuse reports of its runs
    {"classroom"},
    {"figures"},
    {"report", "gallery", "workspace"},
    {"commands"},
    {"__main__"},
]
INNER = {  # inside a package, lowest first, as above: what is a file does not know of processes
    "runs": [
        {"objects", "life"},
        {"failure", "state", "process", "records", "result", "spec", "ahead", "predictions", "row_scores"}
        | {"ablations"},
        {"trail", "slots", "standing", "detached"},
        {"errand"},
        {"rundir"},
        {"run"},
        {"checkpoint", "job", "plan"},
        {"waypoints", "new_rows", "telling", "differing", "damage"},
        {"worker"},
    ],
    "panel": [
        {"request", "points", "triage", "abreast", "translation", "coupling", "formula"},
        {"report"},
        {"clouds", "kept", "words"},
        {"drawn", "measure", "sentence", "folded", "layers"},
        {"background", "bodies", "umap_points", "layers_background", "planes"},
    ],
    "experiment": [
        {"design", "candidate", "progress", "pace"},
        {"halving", "folder"},
        {"trainer"},
        {"conduct", "timetable", "pacing"},
        {"background", "worker"},
        {"pacer"},
    ],
    "reuse": [
        {"diagnostics", "held_out", "note", "follow", "beside"},
        {"report"},
        {"networks", "words"},
        {"knowledge", "trajectory"},
        {"measure"},
        {"background", "worker"},
    ],
    "commands": [
        {"answer", "out"},
        {"readings", "model"},
        {
            "doctor",
            "examples",
            "ablations",
            "inspect",
            "gap",
            "run",
            "experiment",
            "predict",
            "reuse",
            "compare",
            "export",
            "workspace",
        },
        {"report"},
    ],
    "report": [
        {"tables", "repeat", "bundle", "markup", "scenes"},
        {"papers", "results", "figures", "contents"},
        {"answers", "sections"},
        {"page"},
    ],
    "verdict": [
        {"axes", "intervals", "tuning"},
        {"crossed"},
        {"advice", "differences"},
        {"contrasts", "lines"},
        {"gains"},
        {"roles", "levels"},
        {"crossings", "doubts", "results"},
        {"budgets"},
        {"rules", "naming"},
        {"tuned"},
        {"table"},
        {"at_level"},
        {"headline"},
        {"along"},
        {"export"},
        {"words", "evidence", "pairs"},
    ],
}
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
INNER_RANK = {
    package: {name: rank for rank, names in enumerate(layers) for name in names} for package, layers in INNER.items()
}
NOT_IN_CORE = {"streamlit", "pages", "app"}
FORBIDDEN_NAMES = {"utils", "common", "helpers", "misc"}
HEAVY = {"torch", "transformers", "peft", "accelerate", "ot", "umap", "sklearn", "pandas", "plotly", "aeon", "numba"}
HEAVY |= {"pyarrow", "openpyxl"}  # of the readers
PAINT = f"""
app = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=60).run()
assert not app.exception and app.title
"""
INSPECT = """
from xmodal_core.__main__ import main
assert main(["inspect", path]) == 0
"""
A_FILE = """
import tempfile
import numpy as np
path = tempfile.mkdtemp() + "/plain.npz"
np.savez(path, X=np.random.default_rng(0).normal(size=(40, 5)), y=np.arange(40) % 2)
"""
START_UP = {  # what runs, what is there before it, and what it must not bring
    **{
        f"import xmodal_core.{module}": ("", HEAVY)
        for module in (
            "data.examples",
            "data.readers",
            "runs.ahead",
            "data.readers.unlabelled",
            "data.words",
            "runs.predictions",
            "runs.rundir",
            "runs.job",
            "runs.plan",
            "model.bodies",
            "gap",
            "gap.protocol",
            "gap.projection",
            "panel.measure",
            "panel.umap_points",
            "panel.background",
            "panel.bodies",
            "reuse.diagnostics.cka",
            "reuse.diagnostics.retention",
            "reuse.report",
            "reuse.words",
            "verdict.words",
        )
    },
    "import xmodal_core.data.named": ("", HEAVY | {"scipy"}),
    "import xmodal_core.__main__": ("", HEAVY | {"scipy", "numpy"}),
    INSPECT: (A_FILE, HEAVY | {"scipy"}),
    PAINT: ("from streamlit.testing.v1 import AppTest", HEAVY | {"scipy"}),
}
NO_MODULE = {  # tests of more than one module: each with what it holds together
    "test_architecture.py": "the import graph and the names of all files",
    "pages/test_shared_server.py": "every page of a server that strangers share",
    "pages/test_damaged_runs.py": "every page of a workspace in which runs are damaged",
    "test_contributing.py": "CONTRIBUTING.md and every variable that is read",
    "test_data_page.py": "docs/data.md against readings, warnings and readers",
    "test_security_page.py": "docs/security.md and docs/deploy.md against tests, commands and variables",
    "test_library.py": "docs/library.md, snippet by snippet",
    "test_segmentation.py": "a class per cell, from a file to a comparison on the command line",
    "test_real_files.py": "real data sets, outside the repository, down the whole road",
    "test_packaging.py": "requirements, licences and the wheel",
    "browser/test_accessibility.py": "the app in a browser: what axe-core finds on every page, light and dark",
    "browser/test_gallery.py": "the app in a browser: the first page, items, links, Back, two workspaces",
    "browser/test_class.py": "the app in a browser: a lesson, by keyboard, with two students and a board",
    "browser/test_jobs.py": "the app in a browser: a run over a refresh, in two browsers, and after its worker died",
    "browser/test_cold_server.py": "the app in a browser: a deep link to a server that has just started",
    "browser/test_comparison.py": "the app in a browser: finished runs compared, and what is taken away",
    "browser/test_data.py": "the app in a browser: a sample that is clicked opens",
    "browser/test_curriculum.py": "the app in a browser: what a curriculum exchanges, pixel by pixel",
    "browser/test_player.py": "the app in a browser: the player, what it plays, and whose pictures it shows",
    "browser/test_report_file.py": "the report as one file in a browser without a network",
    "browser/test_gap.py": "the app in a browser: the gap as a sentence, its ruler, coupling and lab",
    "browser/test_refusals.py": "the app in a browser: what it refuses",
    "browser/test_road.py": "the app in a browser: the road from data to report",
    "data/test_cases.py": "files rebuilt from public reports, each with what should become of it",
    "data/test_corpus.py": "the door's own corpus, each file with what should become of it",
    "gap/test_metrics_contract.py": "what every entry of METRICS promises",
    "gap/test_oracles.py": "where each of twelve known answers is tested",
    "methods/test_ablations.py": "every entry of ABLATIONS trained beside its method",
    "methods/test_every_modality.py": "every entry of METHODS on every modality, from the command line",
    "methods/test_every_readout.py": "every entry of METHODS behind every readout",
    "methods/test_methods.py": "what every entry of METHODS promises",
    "model/embedders/test_every_setting.py": "stems, encodings of numbers and scalings on every modality",
    "objectives/test_objectives.py": "what every entry of OBJECTIVES promises, and how they relate",
    "runs/test_model_of_runs.py": "the model of a stored run, from its specification to new rows; runs of before",
    "pages/test_every_page.py": "what pages promise alike",
    "pages/test_new_method.py": "a new entry of METHODS on every page",
}


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


def test_no_page_lets_html_through() -> None:
    files = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]
    assert len(files) > 10
    let_through = r"unsafe_allow|st\.html(?!\(STYLE\))"  # but for one constant, a style
    assert not [file.name for file in files if re.search(let_through, file.read_text(encoding="utf-8"))]
    assert re.search(r'^STYLE = """<style>[^<]+\n</style>"""$', files[0].read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("action", START_UP)
def test_start_up_brings_nothing_heavy(action: str) -> None:
    before, forbidden = START_UP[action]
    code = f"import sys\n{before}\nbefore = set(sys.modules)\n{action}\nprint(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    brought = {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "xmodal_core" in brought
    assert not brought & forbidden


def mirrored(test: Path) -> list[Path]:
    """Where the module would lie that a test file mirrors, in the core or beside it; a package is a module too."""
    name = test.stem.removeprefix("test_")
    places = [base / test.parent.relative_to(TESTS) / stem for base in (CORE, ROOT) for stem in (name, f"__{name}__")]
    return [place.with_suffix(".py") for place in places] + [place / "__init__.py" for place in places]


def test_a_test_mirrors_a_module_or_says_what_it_holds_together() -> None:
    alone = {
        t.relative_to(TESTS).as_posix() for t in TESTS.rglob("test_*.py") if not any(map(Path.exists, mirrored(t)))
    }
    assert alone == set(NO_MODULE)
