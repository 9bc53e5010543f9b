"""What a sample is."""

from enum import StrEnum


class Modality(StrEnum):
    """What a sample is; it decides the embedder."""

    IMAGE = "image"
    SERIES = "series"
    SEQUENCE = "sequence"
    TEXT = "text"
    TABULAR = "tabular"
    FIELD = "field"
