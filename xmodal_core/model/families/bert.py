"""BERT (Devlin et al., NAACL 2019): word pieces, learned positions, a norm."""

from xmodal_core.model.families.base import TextFamily


class Bert(TextFamily):
    """Positions count from 0."""

    model_type = "bert"
    title = "BERT"
    architecture = "BertModel"
    has_pooler = True
