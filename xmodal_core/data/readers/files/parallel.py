"""Files of a tree through a function, in threads, in order, with few files in memory at a time."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from xmodal_core.data.readers.files.tree import Entry, Tree

_THREADS = 8  # decoders let go of Python's lock; beyond this the one thread that reads is what they wait for
_AHEAD = 4  # files per thread that are read before their turn
_AHEAD_BYTES = 64 * 2**20
_NOTES = 200  # times that progress is told

Result = TypeVar("Result")


def each_file(tree: Tree, entries: Sequence[Entry], decode: Callable[[Entry, bytes], Result]) -> Iterator[Result]:
    """What the function makes of every file, in the order of the entries; every file is read once.

    Args:
        tree: read by this thread alone; its upload is told of progress.
        entries: files.
        decode: called with a file and its bytes in any thread; its exceptions come out here.
    """
    n_threads = max(
        1, min(_THREADS, os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count() or 1)
    )
    pending: deque[tuple[Future[Result], int]] = deque()
    n_bytes = n_done = 0
    every, progress = max(1, len(entries) // _NOTES), tree.upload.progress

    def next_one() -> Result:
        nonlocal n_bytes, n_done
        future, size = pending.popleft()
        result = future.result()
        n_bytes -= size
        n_done += 1
        if progress is not None and (n_done % every == 0 or n_done == len(entries)):
            progress(n_done, len(entries))
        return result

    with ThreadPoolExecutor(n_threads) as pool:
        try:
            for entry in entries:
                content = tree.read(entry)
                pending.append((pool.submit(decode, entry, content), len(content)))
                n_bytes += len(content)
                while pending and (len(pending) >= _AHEAD * n_threads or n_bytes > _AHEAD_BYTES):
                    yield next_one()
            while pending:
                yield next_one()
        finally:
            for future, _ in pending:
                future.cancel()
