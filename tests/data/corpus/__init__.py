"""The door's own corpus: small files of every kind that people bring, each with what should become of it.

One module a kind of file, each with `CORPUS: dict[str, Brought]`; `tests/data/test_corpus.py` reads them all. A file is
`right` (read as meant, without a warning), `warned` (read, with a warning of the given codes) or `refused` (one
sentence that has the given words).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xmodal_core.data.reading import Reading


@dataclass(frozen=True)
class Brought:
    """A file and what should become of it.

    Attributes:
        name: of the file, suffix included.
        make: its bytes.
        outcome: right, warned or refused.
        says: codes of warnings that are given, no others; or words of the refusal.
        facts: what the `Understanding` must say (modality, task, n, shape, classes, label, splits, group ...), also
            `features`, the names of the features.
        reading: what the person says.
    """

    name: str
    make: Callable[[], bytes]
    outcome: str
    says: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
