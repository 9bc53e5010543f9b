"""A gap request that was kept before there were settings of the model."""

from xmodal_core.model.settings import EARLIER
from xmodal_core.panel.request import GapRequest


def kept_before(request: GapRequest) -> dict:
    return {name: value for name, value in request.to_json().items() if name != "model"}


def test_it_asked_for_the_model_of_before() -> None:
    request = GapRequest("fractals", "digits")
    assert GapRequest.from_json(request.to_json()) == request
    assert GapRequest.from_json(kept_before(request)).model == EARLIER.said()


def test_raw_inputs_had_none() -> None:
    assert GapRequest.from_json(kept_before(GapRequest("fractals", "digits", space="raw"))).model == {}
