"""The process of an experiment: `python -m xmodal_core.experiment.worker DIRECTORY RUNS`."""

import faulthandler
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from xmodal_core.environment import cores
from xmodal_core.experiment.folder import ExperimentDir
from xmodal_core.runs.failure import describe_failure
from xmodal_core.runs.process import own_stamp
from xmodal_core.runs.slots import Place, device_slots, slots_folder

_POLL_S = 0.5
_MOST_LANES = 4  # on a CPU: each is a process with a body of its own in memory
_CORES_A_SLOT = 2


def lanes_here(slots: int | None = None) -> int:
    """Runs at once on this machine: one on a GPU, on a CPU one a core up to four.

    Args:
        slots: of the device that are held, two cores each; as many as there are when None.
    """
    if any(gpu is not None for gpu in device_slots().values()):
        return 1
    return min(cores(), _MOST_LANES, max(1, slots * _CORES_A_SLOT if slots else _MOST_LANES))


def work(experiment: ExperimentDir, runs_root: Path) -> None:
    """Take a slot of the device, and train the experiment's runs to the last.

    Raises:
        Exception: whatever ended it; the state says "failed" and why.
    """
    experiment.write_process(own_stamp())
    experiment.write_state("queued")
    places = [Place(slots_folder(), device_slots())]
    try:
        while not places[0].take():
            time.sleep(_POLL_S)
        if places[0].gpu is not None:
            os.environ["CUDA_VISIBLE_DEVICES"] = places[0].gpu
        while len(places) < lanes_here() / _CORES_A_SLOT:  # more of a CPU, as far as nobody else has it
            places.append(Place(slots_folder(), device_slots()))
            if not places[-1].take():
                places.pop().release()
                break
        experiment.write_state("running")
        train(experiment, runs_root, lanes_here(len(places)))
        experiment.write_state("done")
    except Exception as error:
        experiment.write_state("failed", describe_failure(error))
        raise
    finally:
        for place in places:
            place.release()


def train(experiment: ExperimentDir, runs_root: Path, lanes: int) -> None:
    """Train every run, and keep how far it is.

    Args:
        experiment: with its design.
        runs_root: folder of the run directories.
        lanes: runs at once; the cores are dealt out among them.
    """
    from joblib import parallel_config  # type: ignore[import-untyped]

    from xmodal_core.experiment.conduct import conduct
    from xmodal_core.experiment.trainer import Trainer

    with parallel_config("loky", inner_max_num_threads=max(1, cores() // lanes)):
        for progress in conduct(Trainer.of(experiment.design(), runs_root), lanes):
            experiment.write_progress(progress)


def main(arguments: Sequence[str]) -> int:
    """Entry of the process: exit code 0 at the end of the experiment, 1 where it failed."""
    faulthandler.enable()
    try:
        work(ExperimentDir.open(Path(arguments[0])), Path(arguments[1]))
    except Exception as error:  # noqa: BLE001 - the experiment's state has it
        sys.stderr.write(f"left: {describe_failure(error)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
