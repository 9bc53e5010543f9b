"""The process of an experiment: `python -m xmodal_core.experiment.worker DIRECTORY RUNS`."""

import faulthandler
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from xmodal_core.environment import cores
from xmodal_core.experiment.folder import ExperimentDir
from xmodal_core.experiment.progress import Progress
from xmodal_core.runs.failure import describe_failure
from xmodal_core.runs.process import own_stamp
from xmodal_core.runs.slots import Place, device_slots, slots_folder

_POLL_S = 0.5
_MOST_LANES = 4  # on a CPU: each is a process with a body of its own in memory
_CORES_A_SLOT = 2


def lanes_in(slots: int) -> int:
    """Runs at once in so many slots of this machine: one on a GPU, on a CPU one a core up to four."""
    on_gpu = any(gpu is not None for gpu in device_slots().values())
    return 1 if on_gpu else min(cores(), _MOST_LANES, slots * _CORES_A_SLOT)


def work(experiment: ExperimentDir, runs_root: Path) -> None:
    """Take a slot of the device, and train the experiment's runs to the last.

    Raises:
        Exception: whatever ended it; the state says "failed" and why.
    """
    life = experiment.life()
    if not life.take():  # another process was faster
        return
    experiment.write_process(own_stamp())
    experiment.write_state("queued")
    places = [Place(slots_folder(), device_slots(), runs_root.parent.name)]
    try:
        while not places[0].take():
            time.sleep(_POLL_S)
        if places[0].gpu is not None:
            os.environ["CUDA_VISIBLE_DEVICES"] = places[0].gpu
        while lanes_in(len(places)) < lanes_in(len(device_slots())):  # more of a CPU, as far as nobody else has it
            places.append(Place(slots_folder(), device_slots(), runs_root.parent.name))
            if not places[-1].take():
                places.pop().release()
                break
        experiment.write_state("running")
        for _ in train(experiment, runs_root, lanes_in(len(places))):
            pass
    except Exception as error:
        experiment.write_state("failed", describe_failure(error))
        raise
    finally:
        for place in places:
            place.release()
        life.end()


def train(experiment: ExperimentDir, runs_root: Path, lanes: int) -> Iterator[Progress]:
    """Train every run, and keep and tell how far it is.

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
            yield progress
    experiment.write_state("done")


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
