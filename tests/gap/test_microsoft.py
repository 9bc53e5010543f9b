"""Values of microsoft/otdd in double precision, for every argument whose value is not one of its defects."""

import json

import numpy as np
import pytest

from tests.gap.clouds import embedding, gaussian
from xmodal_core.errors import DataError, SettingsError
from xmodal_core.gap.labelled_pair import labelled_pair
from xmodal_core.gap.microsoft import MicrosoftArguments, microsoft_half
from xmodal_core.gap.otdd import OtddSettings, otdd

CASES = ("digits_halves", "digits_04_59", "digits_cancer64", "iris_imbalanced", "translation")
LABELS = {"gaussian_approx": "gaussian", "means_only": "means", "naive_upperbound": "upper_bound", "exact": "exact"}


def sides(oracles, case):
    with np.load(oracles / "otdd" / f"{case}.npz", allow_pickle=False) as arrays:
        return [embedding(arrays[f"X{side}"], arrays[f"y{side}"]) for side in (1, 2)]


def arguments(given):
    labels = "diagonal" if given.get("diagonal_cov") else LABELS[given["inner_ot_method"]]
    return MicrosoftArguments(
        labels=labels,
        debias=given["debiased_loss"],
        reg=given["entreg"],
        p=given["p"],
        lambda_x=given.get("lambda_x", 1.0),
        lambda_y=given.get("lambda_y", 1.0),
        inner_reg=given.get("inner_ot_entreg", 0.1),
        inner_debias=given["inner_ot_debiased"],
        inner_p=given.get("inner_ot_p", 2),
        augmented=given.get("method") == "augmentation",
    )


@pytest.mark.parametrize("case", CASES)
def test_every_debiased_value_of_the_release_is_reproduced(case, oracles):
    pair = labelled_pair(*sides(oracles, case), "diagonal", unit=1.0)
    checked = 0
    for peer in json.loads((oracles / "otdd" / "refs.json").read_text())[case]["peer"]:
        if peer.get("double") is None or not peer["args"]["debiased_loss"]:
            continue  # an argument it dies of, or the transposed label distances
        assert microsoft_half(pair, arguments(peer["args"])) == pytest.approx(peer["double"], rel=1e-6), peer["args"]
        checked += 1
    assert checked >= 15


def test_single_precision_costs_of_large_problems_keep_the_digits(monkeypatch, oracles):
    pair = labelled_pair(*sides(oracles, "digits_halves"), "diagonal", unit=1.0)
    double = microsoft_half(pair, MicrosoftArguments())
    monkeypatch.setattr("xmodal_core.gap.microsoft._DOUBLE_BELOW", 0)
    assert microsoft_half(pair, MicrosoftArguments()) == pytest.approx(double, rel=1e-6)


def test_the_setting_gives_the_release_s_value_as_half_and_claims_no_bounds():
    source = gaussian(60, 3, 0, n_classes=2)
    moved = embedding(source.features + np.float32(0.5), source.labels)
    detail = otdd(source, moved, OtddSettings(compat="microsoft")).detail
    # A translation by t: half = |t|^2, here 0.75, whatever the schedule does.
    assert detail["half"] == pytest.approx(0.75, rel=1e-5)
    assert detail["distance"] == pytest.approx(np.sqrt(1.5), rel=1e-5)
    assert detail["lower"] is None
    assert detail["solver"] == "annealed Sinkhorn as in microsoft/otdd"


@pytest.mark.parametrize("case", CASES)
def test_the_setting_alone_gives_the_digits_of_the_release_s_defaults(case, oracles):
    given = {"inner_ot_method": "gaussian_approx", "inner_ot_debiased": False, "debiased_loss": True, "p": 2}
    (peer,) = [
        peer
        for peer in json.loads((oracles / "otdd" / "refs.json").read_text())[case]["peer"]
        if peer["args"] == given | {"entreg": 0.1}
    ]
    found = otdd(*sides(oracles, case), OtddSettings(compat="microsoft"))
    assert found.detail["half"] == pytest.approx(peer["double"], rel=1e-6)
    exact = MicrosoftArguments(labels="exact")
    assert (exact.debias, exact.inner_debias, exact.reg, exact.inner_reg) == (True, False, 0.1, 0.1)


def test_without_debiasing_it_is_another_choice_and_the_two_do_not_go_together():
    source, target = gaussian(40, 3, 0, n_classes=2), gaussian(40, 3, 1, n_classes=3)
    biased = otdd(source, target, OtddSettings(compat="microsoft_biased")).detail["half"]
    pair = labelled_pair(source, target, "diagonal", unit=1.0)
    assert biased == pytest.approx(microsoft_half(pair, MicrosoftArguments(debias=False)), rel=1e-12)
    assert biased != pytest.approx(otdd(source, target, OtddSettings(compat="microsoft")).detail["half"], rel=1e-3)
    with pytest.raises(SettingsError, match="choose compat microsoft"):
        OtddSettings(compat="microsoft_biased", debias=True)
    for other in ({"weighting": "classes"}, {"solver": "exact"}):
        with pytest.raises(SettingsError, match="has a solver of its own and counts rows alike"):
            OtddSettings(compat="microsoft", **other)


def test_rows_alone_in_their_class_are_left_out_as_the_release_does():
    source, target = gaussian(30, 3, 0, n_classes=2), gaussian(30, 3, 1, n_classes=3)
    lonely = embedding(np.r_[source.features, [[9.0, 9.0, 9.0]]], np.r_[source.labels, 2])
    settings = OtddSettings(compat="microsoft")
    found, without = otdd(lonely, target, settings).detail, otdd(source, target, settings).detail
    assert found["half"] == without["half"]
    assert (found["note"], without["note"]) == ("As in microsoft/otdd, 1 rows alone in their class are left out.", "")
    with pytest.raises(DataError, match="Every class of scans has one row"):
        otdd(gaussian(6, 3, 0, n_classes=6, name="scans"), target, settings)


def test_the_means_distance_is_not_squared_there():
    source, target = embedding([[0.0], [0], [1], [1]], [0, 0, 1, 1]), embedding([[3.0], [3], [5], [5]], [0, 0, 1, 1])
    detail = otdd(source, target, OtddSettings(compat="microsoft", labels="means")).detail
    assert detail["class_distance"] == [[3.0, 5.0], [2.0, 4.0]]
