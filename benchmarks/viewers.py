"""Thirty viewers at once: how long each waits for a page of finished runs, and for a poll of a run that trains.

    python -m benchmarks.viewers [--viewers N] [--polls N] [--method NAME] [--json]

A viewer is what a browser is to the server: a websocket that asks for a page and gets all of it, and that polls when
the page asks it to. Nothing is drawn, so that two cores serve thirty viewers and not thirty browsers. All viewers ask
at the same moment, which is the worst that a class can do. Goals: p95 of a gallery item 2 s, of a poll 1 s.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

_ROOT = Path(__file__).parents[1]
_GALLERY_S, _POLL_S = 2.0, 1.0
_PATIENCE_S = 180.0
_ITEM = "wine"


class Viewer:
    """One browser's connection, without the browser."""

    def __init__(self, port: int, page: str, query: dict[str, str]) -> None:
        """Nothing is asked for yet.

        Args:
            port: of the server on this machine.
            page: as in the address.
            query: of the address.
        """
        self._url = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._page, self._query = page, urlencode(query)
        self._polls: dict[str, float] = {}  # seconds between two polls, by fragment
        self.elements = 0

    async def open(self, start: asyncio.Event) -> float:
        """Seconds from the start signal until the page is whole, connection included."""
        import websockets

        await start.wait()
        began = time.perf_counter()
        settings = {
            "subprotocols": ["streamlit"],
            "max_size": None,
            "ping_interval": None,
        }  # a busy server answers late
        self._socket = await websockets.connect(self._url, **settings)  # type: ignore[arg-type]
        await self._ask(None)
        await self._finished()
        return time.perf_counter() - began

    async def poll(self, times: int) -> list[float]:
        """Seconds that polls took, which are asked for as the page said."""
        taken = []
        for _ in range(times):
            if not self._polls:
                break
            fragment, interval = next(iter(self._polls.items()))
            await asyncio.sleep(interval)
            began = time.perf_counter()
            await self._ask(fragment)
            await self._finished()
            taken.append(time.perf_counter() - began)
        return taken

    async def close(self) -> None:
        """Leave."""
        await self._socket.close()

    async def _ask(self, fragment: str | None) -> None:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self._query, self._page
        if fragment is not None:
            state.fragment_id, state.is_auto_rerun = fragment, True
        await self._socket.send(message.SerializeToString())

    async def _finished(self) -> None:
        """Take messages until the script of this viewer has ended."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        ended = {
            ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY,
            ForwardMsg.ScriptFinishedStatus.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
        }
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(self._socket.recv(), _PATIENCE_S))
            kind = message.WhichOneof("type")
            self.elements += kind == "delta"
            if kind == "auto_rerun":
                self._polls[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            if kind == "script_finished" and message.script_finished in ended:
                return
        raise TimeoutError(f"{self._page} did not end within {_PATIENCE_S:.0f} s.")


@contextlib.contextmanager
def server(home: Path) -> Iterator[int]:
    """`streamlit run app.py` for a class, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not start.")


async def together(port: int, page: str, query: dict[str, str], n: int, polls: int) -> tuple[list[float], list[float]]:
    """Seconds of n viewers that open a page at once, and of the polls that it then asks for.

    Args:
        port: of the server.
        page: as in the address.
        query: of the address.
        n: viewers.
        polls: of each, where the page asks for any.
    """
    start = asyncio.Event()
    viewers = [Viewer(port, page, query) for _ in range(n)]
    opening = [asyncio.create_task(viewer.open(start)) for viewer in viewers]
    start.set()
    opened = await asyncio.gather(*opening)
    polled = await asyncio.gather(*(viewer.poll(polls) for viewer in viewers))
    for viewer in viewers:
        await viewer.close()
    return list(opened), [seconds for each in polled for seconds in each]


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile; of a single one, itself."""
    return seconds[0] if len(seconds) == 1 else statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def measured(n: int, polls: int, method: str) -> dict[str, dict[str, float]]:
    """Seconds of both kinds of viewers, on a server with a home of its own."""
    from xmodal_core.gallery import shelf
    from xmodal_core.gallery.items import ITEMS
    from xmodal_core.runs import job
    from xmodal_core.runs.plan import Choice, specification
    from xmodal_core.runs.process import end
    from xmodal_core.runs.rundir import RunDir

    card, item, home = shelf.shown(_ITEM), ITEMS[_ITEM], Path(os.environ["XMODAL_HOME"])
    assert card is not None
    query = {"ws": f"gallery-{_ITEM}", "target": item.target, "source": item.source, "gap": card.gap, "run": card.run}
    found = {}
    with server(home) as port:
        asyncio.run(together(port, "gap", query, 1, 0))  # the first one loads libraries
        opened, _ = asyncio.run(together(port, "gap", query, n, 0))
        found["gallery"] = _told("gallery", opened, _GALLERY_S)
        spec = specification(Choice(method, budget={"refine_steps": 2000}), item.target, "fractal-vit", "fractals")
        run = RunDir.create(home / "workspaces" / "default" / "runs", spec.to_json())
        job.go(run, spec.total_steps())
        while job.status(run).done < 1:
            time.sleep(0.2)
        try:
            watch = {"target": item.target, "body": "fractal-vit", "run": run.path.name}
            asyncio.run(together(port, "refine", watch, 1, 0))
            opened, polled = asyncio.run(together(port, "refine", watch, n, polls))
        finally:
            job.cancel(run, grace_s=1.0)
            worker = run.read_process()
            if worker is not None:
                end(worker, force=True)
        found["run page"] = _told("run page", opened, _GALLERY_S)
        found["polls"] = _told("polls", polled, _POLL_S)
    return found


def _told(name: str, seconds: Sequence[float], goal: float) -> dict[str, float]:
    """What came of one kind of viewer, said at once on stderr: the next kind takes a while."""
    if not seconds:
        raise RuntimeError(f"{name}: no viewer was asked to poll; the run had ended, or the page has no poll.")
    row = {"n": len(seconds), "median": statistics.median(seconds), "p95": p95(seconds), "goal": goal}
    met = "met" if row["p95"] <= goal else "missed"
    print(
        f"{name:<10} n {row['n']:>4}  median {row['median']:.2f} s  p95 {row['p95']:.2f} s  goal {goal:.0f} s {met}",
        f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        file=sys.stderr,
        flush=True,
    )
    return row


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a goal is missed."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--viewers", type=int, default=30)
    asked.add_argument("--polls", type=int, default=5)
    asked.add_argument("--method", default="finetune", help="of the run that trains meanwhile")
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["XMODAL_HOME"] = home
        found = measured(options.viewers, options.polls, options.method)
    if options.json:
        print(json.dumps(found, indent=1))
    return int(any(row["p95"] > row["goal"] for row in found.values()))


if __name__ == "__main__":
    sys.exit(main())
