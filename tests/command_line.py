"""The command line as a person or a script calls it, and files to call it with."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import TinyFiles
from xmodal_core.__main__ import main
from xmodal_core.data.dataset import Modality

COLOURS = ("red", "green", "blue")
KINDS = ("apple", "fig", "pear")


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    capsys.readouterr()  # what making the files printed
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def write_spec(folder: Path, method: str, seed: int, files: TinyFiles, target: str = "", **more: object) -> str:
    """A run of a few steps in every stage, on tiny series unless another target is given."""
    spec = {
        "schema": 1,
        "method": method,
        "seed": seed,
        "target": target or files.data(Modality.SERIES),
        "body": files.body,
        "source": files.data(Modality.IMAGE, n=90),
        "settings": {"batch_size": 8},
        "budget": {"align_steps": 2, "curriculum_steps": 2, "refine_steps": 3},
    }
    path = folder / f"{method}-{seed}.json"
    path.write_text(json.dumps(spec | more))
    return str(path)


def fruit(path: Path, n: int = 60, *, unlabelled: tuple[int, ...] = (), seed: int = 0) -> str:
    """A table with a number, a category and classes that follow the number; some rows may have no label."""
    rng = np.random.default_rng(seed)
    lines = ["weight,colour,kind"]
    for row in range(n):
        kind = "" if row in unlabelled else KINDS[row % 3]
        lines.append(f"{rng.normal() + 2 * (row % 3):.4f},{COLOURS[rng.integers(3)]},{kind}")
    path.write_text("\n".join(lines) + "\n")
    return str(path)
