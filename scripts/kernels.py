"""Run the tests as other processors would run them: other BLAS kernels, thread counts, wait policies, test orders.

    python scripts/kernels.py [--only NAME ...] [--threads N ...] [-- PYTEST_ARGUMENT ...]

Slow: eight or more runs of the test suite, one after the other. Floating-point sums are rounded in another order by
every kernel and every number of threads, so a test that passes here may fail on the next machine; this finds it
first. Each processor of the table is run with one thread and with two; over the runs both wait policies of OpenMP
and three random orders of the tests take turns. A processor is left out, with the reason, where this one lacks its
instructions or where this build of OpenBLAS loads the kernel of one that runs already. At the end stands a table;
the exit status is 1 if any run failed or none was possible.

    python scripts/kernels.py --only Haswell -- tests/gap -x   # two runs of one folder

Two of the runs let two threads spin while they wait. They want two cores to themselves: beside other work they took
ten times as long.

What each setting reaches: OPENBLAS_CORETYPE numpy's, scipy's and scikit-learn's linear algebra;
NPY_DISABLE_CPU_FEATURES numpy's own loops; ATEN_CPU_CAPABILITY torch's; ONEDNN_MAX_CPU_ISA its convolutions; MKL_CBWR
its linear algebra (MKL_ENABLE_INSTRUCTIONS does the same, but on Intel's processors only); NUMBA_CPU_NAME the compiled
transport solver.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SEEDS = (1, 2, 3)
THREADS = (1, 2)
POLICIES = {  # KMP_BLOCKTIME says the same to Intel's OpenMP: how many ms to spin
    "passive": {"OMP_WAIT_POLICY": "passive", "KMP_BLOCKTIME": "0"},
    "active": {"OMP_WAIT_POLICY": "active", "KMP_BLOCKTIME": "200"},
}

_V2 = frozenset({"SSSE3", "SSE41", "POPCNT", "SSE42", "X86_V2"})
_V3 = _V2 | {"AVX", "F16C", "FMA3", "AVX2", "X86_V3"}
_AVX2_FLAGS = frozenset({"avx2", "fma"})
_AVX512_FLAGS = _AVX2_FLAGS | {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}


@dataclass(frozen=True)
class Processor:
    """A processor to stand in for.

    Attributes:
        name: OpenBLAS's word for it.
        flags: instructions that a processor needs to run this, as Linux spells them.
        numpy_features: numpy's optional instructions that stay on; None for all.
        environment: settings of the other libraries.
    """

    name: str
    flags: frozenset[str]
    numpy_features: frozenset[str] | None
    environment: dict[str, str]


def _settings(aten: str, onednn: str, mkl: str, numba: str, cbwr: str = "") -> dict[str, str]:
    """Settings beside OpenBLAS's; without `cbwr` MKL takes its own path, whose last digits follow alignment too."""
    return ({"MKL_CBWR": cbwr} if cbwr else {}) | {
        "ATEN_CPU_CAPABILITY": aten,
        "ONEDNN_MAX_CPU_ISA": onednn,
        "DNNL_MAX_CPU_ISA": onednn,  # its name in older versions
        "MKL_ENABLE_INSTRUCTIONS": mkl,
        "NUMBA_CPU_NAME": numba,
        "NUMBA_CPU_FEATURES": "",  # those of the named processor, not those found here
    }


PROCESSORS = (
    Processor(
        "Prescott", frozenset({"pni"}), frozenset(), _settings("default", "SSE41", "SSE4_2", "generic", "COMPATIBLE")
    ),
    Processor(
        "Sandybridge", frozenset({"avx"}), _V2 | {"AVX"}, _settings("default", "AVX", "AVX", "sandybridge", "SSE4_2")
    ),
    Processor("Haswell", _AVX2_FLAGS, _V3, _settings("avx2", "AVX2", "AVX2", "haswell", "AVX2")),
    Processor("Zen", _AVX2_FLAGS, _V3, _settings("avx2", "AVX2", "AVX2", "znver1")),
    Processor("SkylakeX", _AVX512_FLAGS, None, _settings("avx512", "AVX512_CORE", "AVX512", "skylake-avx512")),
)

_PROBE = """
import json, numpy, scipy.linalg, torch
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from threadpoolctl import threadpool_info
print(json.dumps({
    "blas": sorted({pool["architecture"] for pool in threadpool_info() if pool["internal_api"] == "openblas"}),
    "torch": torch.backends.cpu.get_cpu_capability(),
    "numpy": [name for name in __cpu_dispatch__ if __cpu_features__[name]],
}))
"""


@dataclass(frozen=True)
class Run:
    """One run of the tests: who computes, how, and in which order."""

    processor: Processor
    environment: dict[str, str]
    threads: int
    policy: str
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What a run gave."""

    run: Run
    status: int
    passed: int
    failed: int
    seconds: float


def loaded(environment: dict[str, str]) -> dict[str, list[str] | str]:
    """What the libraries say they chose under these settings: `blas` kernels, `torch` and `numpy` instructions."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    found: dict[str, list[str] | str] = json.loads(done.stdout)
    return found


def processor_flags() -> frozenset[str]:
    """Instructions of this processor; none where the system does not list them."""
    listing = Path("/proc/cpuinfo")
    if not listing.exists():
        return frozenset()
    lines = [line for line in listing.read_text().splitlines() if line.startswith("flags")]
    return frozenset(lines[0].split(":", 1)[1].split()) if lines else frozenset()


def possible_processors() -> list[tuple[Processor, dict[str, str]]]:
    """The processors that this machine can stand in for, with their settings; says why it leaves one out."""
    flags, here = processor_flags(), loaded({})
    print(f"unasked: OpenBLAS {here['blas']}, torch {here['torch']}, numpy {' '.join(here['numpy'])}")
    possible: list[tuple[Processor, dict[str, str]]] = []
    taken: dict[str, str] = {}
    for processor in PROCESSORS:
        if missing := processor.flags - flags:
            print(f"{processor.name}: left out, this processor has no {' '.join(sorted(missing))}")
            continue
        environment = {"OPENBLAS_CORETYPE": processor.name} | processor.environment
        if processor.numpy_features is not None:  # numpy refuses names that it does not know or cannot switch
            off = [name for name in here["numpy"] if name not in processor.numpy_features]
            environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(off)
        found = loaded(environment)
        blas = " ".join(found["blas"])
        if blas in taken:
            print(f"{processor.name}: left out, OpenBLAS loads {blas or 'nothing'} as it does for {taken[blas]}")
            continue
        taken[blas] = processor.name
        print(f"{processor.name}: OpenBLAS {found['blas']}, torch {found['torch']}, numpy {' '.join(found['numpy'])}")
        possible.append((processor, environment))
    return possible


def design(possible: list[tuple[Processor, dict[str, str]]]) -> list[Run]:
    """Every processor with one and with two threads; policies and seeds take turns, the policies at two threads too."""
    runs: list[Run] = []
    for i, (processor, environment) in enumerate(possible):
        for threads in THREADS:
            policy = tuple(POLICIES)[(i + threads) % 2]
            runs.append(Run(processor, environment, threads, policy, SEEDS[len(runs) % len(SEEDS)]))
    return runs


def execute(run: Run, arguments: list[str]) -> Outcome:
    """Run the tests once; their output goes where this program's goes."""
    threads = {f"{library}_NUM_THREADS": str(run.threads) for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    environment = run.environment | POLICIES[run.policy] | threads
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        order = ["-p", "randomly", f"--randomly-seed={run.seed}", f"--hypothesis-seed={run.seed}"]
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", *order, *arguments]
        settings = " ".join(f"{name}={value!r}" for name, value in environment.items())
        print(f"\n{settings} {' '.join(command[1:])}", flush=True)
        start = time.monotonic()
        done = subprocess.run(
            [*command, f"--junitxml={report}"], cwd=REPOSITORY, env=os.environ | environment, check=False
        )
        seconds = time.monotonic() - start
        counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
        if report.exists():  # not where pytest refuses its arguments
            for suite in ET.parse(report).getroot().iter("testsuite"):
                counts = {name: n + int(suite.get(name, "0")) for name, n in counts.items()}
    failed = counts["failures"] + counts["errors"]
    return Outcome(run, done.returncode, counts["tests"] - failed - counts["skipped"], failed, seconds)


_HEADING = f"{'processor':<12} {'threads':>7} {'policy':<8} {'seed':>4} {'passed':>7} {'failed':>7} {'seconds':>8}"


def line(outcome: Outcome) -> str:
    """One line of the table."""
    run, note = outcome.run, "" if outcome.status == 0 else f"  pytest exit status {outcome.status}"
    return (
        f"{run.processor.name:<12} {run.threads:>7} {run.policy:<8} {run.seed:>4} {outcome.passed:>7}"
        f" {outcome.failed:>7} {outcome.seconds:>8.0f}{note}"
    )


def main() -> int:
    """Run what the command line asks for; 0 if all passed, 1 if not or if nothing could be run."""
    names = [processor.name for processor in PROCESSORS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="What follows -- goes to pytest.")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="processors to stand in for")
    parser.add_argument("--threads", nargs="+", type=int, choices=THREADS, default=THREADS, help="thread counts to run")
    given = sys.argv[1:]
    cut = given.index("--") if "--" in given else len(given)
    asked = parser.parse_args(given[:cut])
    outcomes: list[Outcome] = []
    for run in design(possible_processors()):
        if run.threads not in asked.threads or run.processor.name not in asked.only:
            continue
        outcomes.append(execute(run, given[cut + 1 :]))
        print(_HEADING, line(outcomes[-1]), sep="\n", flush=True)
    print("", _HEADING, *map(line, outcomes), sep="\n")
    return 0 if outcomes and all(o.status == 0 for o in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
