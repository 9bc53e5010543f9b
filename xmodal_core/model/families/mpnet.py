"""MPNet (Song et al., NeurIPS 2020): learned positions as in RoBERTa, and relative ones inside attention."""

from xmodal_core.model.families.base import Config
from xmodal_core.model.families.bert import Bert

_PADDING = 1  # a constant of the network, whatever the configuration says


class Mpnet(Bert):
    """The first position is row 2."""

    model_type = "mpnet"
    title = "MPNet"
    architecture = "MPNetModel"

    def first_position(self, config: Config) -> int:
        """Behind the row of the padding word."""
        del config
        return _PADDING + 1
