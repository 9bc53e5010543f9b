"""RoBERTa (Liu et al., 2019): BERT whose positions count from the padding word's number plus one."""

from xmodal_core.model.families.base import Config
from xmodal_core.model.families.bert import Bert


class Roberta(Bert):
    """The rows of the position table before the first are not used."""

    model_type = "roberta"
    title = "RoBERTa"
    architecture = "RobertaModel"
    counts_from_padding = True

    def first_position(self, config: Config) -> int:
        """Behind the row of the padding word."""
        pad = config.get("pad_token_id", 1)
        return pad + 1 if isinstance(pad, int) else 0
