"""A gap request that was kept before there were settings of the model, and before intervals drew class shares."""

import pytest

from xmodal_core.errors import SettingsError
from xmodal_core.model.settings import EARLIER
from xmodal_core.panel.request import GapRequest


def kept_before(request: GapRequest) -> dict:
    return {name: value for name, value in request.to_json().items() if name != "model"}


def test_it_asked_for_the_model_of_before() -> None:
    request = GapRequest("fractals", "digits")
    assert GapRequest.from_json(request.to_json()) == request
    assert GapRequest.from_json(kept_before(request)).model == EARLIER.said()


def test_it_kept_the_shares_of_classes_and_a_new_one_draws_them() -> None:
    new = GapRequest("fractals", "digits")
    before = {name: value for name, value in new.to_json().items() if name != "class_shares"}
    assert (new.class_shares, GapRequest.from_json(before).class_shares) == ("sampled", "fixed")
    with pytest.raises(SettingsError, match="class_shares is 'equal', expected one of sampled, fixed"):
        GapRequest("fractals", "digits", class_shares="equal")


def test_raw_inputs_had_none() -> None:
    assert GapRequest.from_json(kept_before(GapRequest("fractals", "digits", space="raw"))).model == {}
