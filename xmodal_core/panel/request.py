"""What to measure: one request, checked where it is made."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from xmodal_core import __version__
from xmodal_core.data.reading import Reading
from xmodal_core.embedding import Space
from xmodal_core.errors import SettingsError
from xmodal_core.gap import METRICS
from xmodal_core.gap.interval import CLASS_SHARES, check_class_shares
from xmodal_core.model.settings import EARLIER, model_settings
from xmodal_core.model.tokens import check_asked
from xmodal_core.settings import settings_from
from xmodal_core.values import JsonValue

MAX_ROWS = 100_000
MAX_PERMUTATIONS = 9999
CURVED = ("otdd", "knn")  # metrics whose value against n is measured


@dataclass(frozen=True)
class GapRequest(JsonValue):
    """What to measure.

    Attributes:
        source, target: an example, a source or a file.
        body: the network that embeds them; not used in the space `raw`.
        space: raw, embedder or body.
        metrics: names in `METRICS`; all when empty.
        settings: per metric, its settings.
        n: rows per side; None takes every row.
        seed: of every draw.
        permutations: of the side labels behind p, for the metrics that offer them; 0 for none.
        tokens: most tokens that a series, a sequence or a row of a table becomes; None for the usual number.
        curve: whether the value against n is measured too, for the metrics in `CURVED`.
        reading, source_reading: what is said about the file of the target and of the source; None for nothing.
        model: settings of the model around the body, of which features see the embedder's; {} for the usual ones.
        class_shares: the other rows that intervals are about: `sampled`, their class shares vary as rows do; `fixed`,
            they are those of these rows, as where somebody collected so many of each class.

    Raises:
        SettingsError: an unknown space, metric or setting, or a number out of its range.
    """

    source: str
    target: str
    body: str = "fractal-vit"
    space: str = "embedder"
    metrics: tuple[str, ...] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    n: int | None = 1000
    seed: int = 0
    permutations: int = 0
    curve: bool = True
    tokens: int | None = None
    reading: Reading | None = None
    source_reading: Reading | None = None
    model: Mapping[str, str] = field(default_factory=dict)
    class_shares: str = CLASS_SHARES[0]

    def __post_init__(self) -> None:
        if self.space not in tuple(Space):
            raise SettingsError(f"space is {self.space!r}, expected one of {', '.join(Space)}.")
        for name in (*self.metrics, *self.settings):
            if name not in METRICS:
                raise SettingsError(f"metric is {name!r}, expected one of {', '.join(METRICS)}.")
        if self.n is not None and not 2 <= self.n <= MAX_ROWS:
            raise SettingsError(f"n is {self.n}, expected between 2 and {MAX_ROWS}, or all.")
        if not 0 <= self.seed < 2**31:
            raise SettingsError(f"seed is {self.seed}, expected a whole number from 0 to 2147483647.")
        check_asked(self.tokens)
        if self.tokens is not None and self.space == Space.RAW:
            raise SettingsError(f"tokens is {self.tokens}, but raw inputs are not cut into tokens; leave tokens out.")
        model_settings(self.model)
        if self.model and self.space == Space.RAW:
            raise SettingsError("model was given, but raw inputs go through no model; leave model out.")
        if not 0 <= self.permutations <= MAX_PERMUTATIONS:
            raise SettingsError(
                f"permutations is {self.permutations}, expected a whole number from 0 to {MAX_PERMUTATIONS}."
            )
        check_class_shares(self.class_shares)
        for name, values in self.settings.items():
            settings_from(METRICS[name].settings_type, values, name)

    @classmethod
    def from_json(cls, values: Any, where: str = "the request") -> Self:
        """The request that `to_json` wrote.

        One from before there were settings of the model asked for that model, and one from before class shares were
        asked for kept them.

        Raises:
            XModalError: it is damaged, or asks for what there is not.
        """
        if isinstance(values, Mapping) and "model" not in values and values.get("space") != Space.RAW:
            values = {**values, "model": EARLIER.said()}
        if isinstance(values, Mapping):
            values = {"class_shares": "fixed", **values}
        return super().from_json(values, where)

    def key(self) -> str:
        """Name of the result: equal requests to equal code have equal keys."""
        text = json.dumps(self.to_json() | {"version": __version__}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
