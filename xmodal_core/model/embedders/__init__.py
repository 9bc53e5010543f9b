"""EMBEDDERS: samples of a modality -> tokens of a body's width; adding one is a file, a test and a line."""

from collections.abc import Callable, Mapping

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.errors import ModelError
from xmodal_core.model.body import Body
from xmodal_core.model.embedders.base import Embedder, PlacedEmbedder
from xmodal_core.model.embedders.image import FieldEmbedder, ImageEmbedder
from xmodal_core.model.embedders.released import RELEASED, check_released
from xmodal_core.model.embedders.series import SequenceEmbedder, SeriesEmbedder
from xmodal_core.model.embedders.tabular import TabularEmbedder
from xmodal_core.model.embedders.text import TextEmbedder
from xmodal_core.model.offered import check_fits
from xmodal_core.model.settings import ModelSettings

Maker = Callable[[LabelledDataset, Body, bool, ModelSettings], Embedder]
EMBEDDERS: Mapping[Modality, Maker] = {
    Modality.IMAGE: ImageEmbedder,
    Modality.FIELD: FieldEmbedder,
    Modality.SERIES: SeriesEmbedder,
    Modality.SEQUENCE: SequenceEmbedder,
    Modality.TABULAR: TabularEmbedder,
    Modality.TEXT: TextEmbedder,
}


def make_embedder(dataset: LabelledDataset, body: Body, init: str, settings: ModelSettings) -> Embedder:
    """The embedder of the data set's modality, with shapes and scaling fitted on its training rows.

    Args:
        dataset: what it reads.
        body: whose stem it starts from.
        init: pretrained or random.
        settings: with nothing left to `auto`.

    Raises:
        ModelError: the body cannot take this modality, or a setting says nothing about it.
    """
    if body.exact_tokens and dataset.modality not in (Modality.IMAGE, Modality.FIELD):
        raise ModelError(
            f"{body.name} takes exactly {body.max_tokens} image patches, found {dataset.modality} data; "
            "choose a ViT or a text body."
        )
    check_fits(settings, dataset)
    makes = EMBEDDERS
    if settings.compat == "released" and dataset.modality in RELEASED:
        check_released(dataset, body)
        makes = RELEASED
    made = makes[dataset.modality](dataset, body, init == "pretrained", settings)
    if isinstance(made, PlacedEmbedder):
        made.settle(dataset)
    return made


def start_matters(dataset: LabelledDataset, body: Body) -> bool:
    """Whether a pretrained start of the embedder is another one than a random one: there is something to copy.

    Nothing is where the body's embedding layer has no LayerNorm and its filters are of another modality, such as a ViT
    for series: content and positions are the same in both.
    """
    if dataset.modality is Modality.TEXT:
        return True
    has_filters = body.stem.patch is not None and dataset.modality in (Modality.IMAGE, Modality.FIELD)
    return body.stem.norm is not None or has_filters
