"""A process's hold on a directory for as long as it lives.

The hold is a lock of the system, which lets it go however the holder dies: no clock is asked and no number compared,
so a clock that is set, a process id that comes again and a second container on the same folder all see the same.
"""

from pathlib import Path

from filelock import FileLock, Timeout

from xmodal_core.files import storing

_PATIENCE_S = 2.0  # who looks whether it is held holds it himself for a moment


class Life:
    """A hold that this process has, or asks for."""

    def __init__(self, path: Path) -> None:
        """Nothing is held yet; `path` is the file of the lock."""
        self._lock = FileLock(path)

    def take(self) -> bool:
        """Hold it from now on; False where another process does.

        Raises:
            StorageError: the folder cannot be written.
        """
        Path(self._lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        try:
            with storing():
                self._lock.acquire(timeout=_PATIENCE_S, poll_interval=0.01)
        except Timeout:
            return False
        return True

    def end(self) -> None:
        """Let it go; nothing where it is not held."""
        self._lock.release()

    def remove(self) -> None:
        """Remove the file of the lock, which nobody is to hold any more."""
        Path(self._lock.lock_file).unlink(missing_ok=True)


def is_held(path: Path) -> bool:
    """Whether some process, this one perhaps, holds it."""
    if not path.is_file():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    except OSError:  # a folder that may only be read has nobody who trains in it
        return False
    lock.release()
    return False
