"""A process is told from another that has its id."""

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace

import psutil

from xmodal_core.runs.process import end, is_alive, own_stamp, stamp_of


def test_this_process_is_alive_and_its_id_at_another_time_is_not() -> None:
    me = own_stamp()
    assert is_alive(me)
    assert not is_alive(replace(me, create_time=me.create_time - 3, ticks=None))
    if me.ticks is not None:
        assert not is_alive(replace(me, ticks=me.ticks - 1))
        assert is_alive(replace(me, create_time=me.create_time - 3)), "a clock that was set"
    assert not is_alive(replace(me, boot="another machine"))
    assert not is_alive(None)
    assert stamp_of(2**22 + 1) is None


def test_a_zombie_is_not_alive_though_its_id_exists(
    sleeper: subprocess.Popen[bytes], until: Callable[..., None]
) -> None:
    stamp = stamp_of(sleeper.pid)
    assert is_alive(stamp)
    sleeper.kill()
    until(lambda: psutil.Process(sleeper.pid).status() == psutil.STATUS_ZOMBIE)
    os.kill(sleeper.pid, 0)  # the system says that it is there
    assert not is_alive(stamp)


def test_a_process_with_a_reused_id_is_not_ended(sleeper: subprocess.Popen[bytes]) -> None:
    stamp = stamp_of(sleeper.pid)
    assert stamp is not None
    end(replace(stamp, create_time=stamp.create_time - 60, ticks=0), force=True)
    assert is_alive(stamp)
    end(stamp, force=False)
    assert sleeper.wait(10) == -signal.SIGTERM
