"""What the command that stands in for other processors covers, and how it turns the random order on."""

import os
import subprocess
import sys
from itertools import product
from pathlib import Path

from scripts.kernels import POLICIES, PROCESSORS, SEEDS, design

ROOT = Path(__file__).parents[2]


def test_four_processors_are_eight_runs_with_both_threads_policies_and_all_seeds() -> None:
    runs = design([(processor, {}) for processor in PROCESSORS[:4]])
    assert len(runs) == 8
    assert {(run.processor.name, run.threads) for run in runs} == set(product([p.name for p in PROCESSORS[:4]], (1, 2)))
    assert {(run.threads, run.policy) for run in runs} == set(product((1, 2), POLICIES))
    assert {run.seed for run in runs} == set(SEEDS)


def test_plain_pytest_keeps_the_order_of_the_files_and_the_command_shuffles(tmp_path: Path) -> None:
    names = [f"test_{i}" for i in range(40)]
    (tmp_path / "test_order.py").write_text("".join(f"def {name}(): pass\n" for name in names))
    command = [sys.executable, "-m", "pytest", "-v", "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider"]
    command += ["-n", "0"]

    def order(*arguments: str) -> list[str]:
        found = subprocess.run(
            [*command, *arguments, str(tmp_path)], capture_output=True, text=True, check=True, env=os.environ
        )
        return [line.split("::")[1].split(" ")[0] for line in found.stdout.splitlines() if "PASSED" in line]

    assert order() == names
    shuffled = order("-p", "randomly", "--randomly-seed=1")
    assert shuffled != names
    assert sorted(shuffled) == sorted(names)
