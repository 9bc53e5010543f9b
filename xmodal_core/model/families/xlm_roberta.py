"""XLM-R (Conneau et al., ACL 2020): RoBERTa in a hundred languages."""

from xmodal_core.model.families.roberta import Roberta


class XlmRoberta(Roberta):
    """Positions as in RoBERTa."""

    model_type = "xlm-roberta"
    title = "XLM-R"
    architecture = "XLMRobertaModel"
