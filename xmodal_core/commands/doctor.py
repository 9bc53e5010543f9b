"""`doctor`: is everything here that a measurement and a training need, and how is what is missing to be had?"""

import argparse
import importlib.metadata
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from xmodal_core.commands.answer import Answer

_PACKAGE, _PIN = "xmodal-lab", re.compile(r"([A-Za-z0-9._-]+)==([^\s#;]+)")
_LEAST_DISK_GB, _LEAST_MEMORY_GB = 2.0, 2.0
_MARKS = {"ok": "ok   ", "doubt": "doubt", "wrong": "WRONG"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        about: what.
        state: it is as it should be; it works, but not as measured or not well; it does not work.
        found: what is there.
        to_do: what helps; empty where nothing is to be done.
    """

    about: str
    state: Literal["ok", "doubt", "wrong"]
    found: str
    to_do: str = ""


def add(_: argparse.ArgumentParser) -> None:
    """It takes nothing."""


def doctor(_: argparse.Namespace) -> Answer:
    """Look at this machine, this environment and the home folder; nothing is changed and nothing is fetched."""
    findings = [*_versions(), *_machine(), *_home(), *_bodies()]
    lines = [f"{_MARKS[f.state]}  {f.about:<18}{f.found}{f'; {f.to_do}' if f.to_do else ''}" for f in findings]
    n = sum(f.state == "wrong" for f in findings)
    ending = f"{n} thing{'s' * (n != 1)} to mend." if n else "Everything that is needed is here."
    return Answer({"healthy": not n, "findings": [asdict(f) for f in findings]}, "\n".join([*lines, "", ending]))


def _versions() -> Iterator[Finding]:
    is_new = sys.version_info >= (3, 11)
    yield Finding("Python", "ok" if is_new else "wrong", sys.version.split()[0], "" if is_new else "3.11 is needed")
    pins = _pins()
    missing, other = [], []
    for name, wanted in pins.items():
        try:
            have = importlib.metadata.version(name).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if have != wanted:
            other.append(f"{name} {have} for {wanted}")
    install = "pip install -r requirements.txt"
    if missing:
        yield Finding("packages", "wrong", f"{', '.join(missing)} missing", install)
    elif other:
        yield Finding("packages", "doubt", f"{', '.join(other)}: digits may differ from what is promised", install)
    else:
        yield Finding("packages", "ok", f"all {len(pins)} as pinned" if pins else "no list of pins was found here")


def _pins() -> dict[str, str]:
    """Every requirement with an exact version, from the checkout or from what was installed."""
    beside = Path(__file__).parents[2] / "requirements.txt"
    if beside.is_file():
        lines = beside.read_text(encoding="utf-8").splitlines()
    else:
        try:
            lines = importlib.metadata.requires(_PACKAGE) or []
        except importlib.metadata.PackageNotFoundError:
            lines = []
    return dict(match.groups() for line in lines if (match := _PIN.match(line)))  # type: ignore[misc]


def _machine() -> Iterator[Finding]:
    import psutil

    from xmodal_core.environment import cores
    from xmodal_core.runs.slots import device_slots

    gpus = [gpu for gpu in device_slots().values() if gpu is not None]
    if gpus:
        yield Finding("device", "ok", f"{len(gpus)} GPU{'s' * (len(gpus) != 1)}, one run at a time on each")
    elif shutil.which("nvidia-smi"):
        to_do = "install a CUDA build of torch to use it"
        yield Finding("device", "doubt", "the driver of a GPU is here, and a torch that cannot use it", to_do)
    else:
        yield Finding("device", "ok", f"CPU, {cores()} cores, {len(device_slots())} run at a time")
    free = psutil.virtual_memory().available / 1e9
    few = free < _LEAST_MEMORY_GB
    yield Finding("memory", "doubt" if few else "ok", f"{free:.1f} GB free", "close other programs" if few else "")


def _home() -> Iterator[Finding]:
    from xmodal_core.data.store import cache_root

    home = cache_root().resolve()
    there = next(folder for folder in (home, *home.parents) if folder.is_dir())
    if not os.access(there, os.W_OK):
        yield Finding("home", "wrong", f"{there} may not be written", "set XMODAL_HOME to a folder that may")
        return
    free = shutil.disk_usage(there).free / 1e9
    few = free < _LEAST_DISK_GB
    to_do = "free some, or `xmodal workspace` makes room" if few else ""
    yield Finding("home", "doubt" if few else "ok", f"{home}, {free:.1f} GB free", to_do)


def _bodies() -> Iterator[Finding]:
    from xmodal_core.errors import ModelError
    from xmodal_core.model.bodies import BODIES, check_ships

    for name, body in BODIES.items():
        try:
            where = check_ships(name)
        except ModelError as error:
            yield Finding(f"body {name}", "wrong", " ".join(str(error).split()))
        else:
            yield Finding(f"body {name}", "ok", f"{body.n_parameters / 1e6:.1f} M parameters, {where}")
