from collections.abc import Callable, Mapping

import pytest
import torch

from tests.tiny import FRUIT, TinyFiles
from xmodal_core.data.dataset import Modality
from xmodal_core.runs.plan import Choice, specification
from xmodal_core.runs.run import Run, prepare


@pytest.fixture(scope="session")
def prepared(files: TinyFiles) -> Callable[..., Run]:
    """`prepared("lora", budget={"refine_steps": 3}, rank=2)`: a run on the CPU before its first step, in batches of 8.

    Where nothing else is given the target is tiny series whose classes are fruit, the source is tiny images, and the
    body a tiny ViT.
    """
    series, images = files.data(Modality.SERIES, names=FRUIT), files.data(Modality.IMAGE, n=90)

    def make(
        method: str,
        target: str = series,
        source: str = images,
        body: str = files.body,
        *,
        budget: Mapping[str, int] | None = None,
        guidance: Mapping[str, object] | None = None,
        model: Mapping[str, str] | None = None,
        **settings: object,
    ) -> Run:
        own = {"encoder": "lexical"} if method == "lsg" else {}  # the usual one would be downloaded
        choice = Choice(method, {"batch_size": 8} | own | settings, budget or {}, guidance=guidance, model=model or {})
        return prepare(specification(choice, target, body, source), torch.device("cpu"))

    return make
