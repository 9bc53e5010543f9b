"""What a predictor's features are standardised by: fitted once, when a run first trains its predictor."""

import numpy as np
import torch

from xmodal_core.data.dataset import LabelledDataset
from xmodal_core.methods.base import TrainState
from xmodal_core.model.predictor import unit_of

_ROWS = 512  # training rows that give the units
_BATCH_SIZE = 128
_MEMO = "start_fitted"


@torch.no_grad()
def fit_start(state: TrainState, target: LabelledDataset) -> None:
    """Fit the units of the model's predictor on training rows; nothing where it has none, or has them already.

    They stay as they are to the end and are part of the checkpoint: a unit that followed the features would take back
    what the body learns.
    """
    model = state.model
    unit = unit_of(model.predictor)
    if unit is None or _MEMO in state.memo:
        return
    rows = target.rows("train")
    few = rows[np.linspace(0, len(rows) - 1, min(len(rows), _ROWS)).round().astype(int)]
    inputs = model.embedder.prepare(target, few)
    model.eval()
    parts = [model.readout(*model.hidden(batch.to(state.device))) for batch in inputs.split(_BATCH_SIZE)]
    unit.fit(torch.cat(parts))
    state.memo[_MEMO] = torch.ones(())
