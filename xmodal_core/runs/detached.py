"""Processes of ours that outlive the one that starts them: a refresh, a closed tab, a restarted server."""

import os
import site
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from xmodal_core.environment import settle
from xmodal_core.files import storing
from xmodal_core.runs.process import ProcessStamp, stamp_of

_children: set[subprocess.Popen[bytes]] = set()


def start_detached(module: str, arguments: Sequence[str], log: Path) -> ProcessStamp | None:
    """Start `python -m module arguments`, in a session and a process group of its own.

    It works in this process's folder, so that a path means the same to both, but imports nothing from there.

    Args:
        module: of this package.
        arguments: of the process.
        log: file to which all that it prints is added.

    Returns:
        the process; None where it has ended already.
    """
    environment = dict(os.environ)
    package_parent = str(Path(__file__).resolve().parents[2])
    if package_parent not in site.getsitepackages():  # installed packages must not come before the standard library
        paths = [package_parent, environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    environment.setdefault("OMP_NUM_THREADS", str(psutil.cpu_count(logical=False) or 1))
    settle(environment)
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
    with storing(), log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            close_fds=True,
            env=environment,
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )
    found = stamp_of(child.pid)
    _children.add(child)
    threading.Thread(target=_collect, args=(child,), name=f"wait for {child.pid}", daemon=True).start()
    return found


def _collect(child: subprocess.Popen[bytes]) -> None:
    """Wait for its end: whoever is not waited for is kept by the system as a zombie."""
    child.wait()
    _children.discard(child)
