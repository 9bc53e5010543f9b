"""What stems, encodings of numbers and scalings promise on every modality that has them; refusals on the others.

Bodies are a tiny BERT and a tiny ViT, which has filters of its own for images.
"""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.tiny import TinyFiles, tiny_dataset, tiny_task
from xmodal_core.data.dataset import LabelledDataset, Modality, Task, make_dataset
from xmodal_core.model.crossmodal import CrossModalModel, load_body, make_model, source_model
from xmodal_core.model.settings import EARLIER, NUMBERS, SCALINGS, STEMS, USUAL, ModelSettings

IN_PATCHES = (Modality.IMAGE, Modality.FIELD, Modality.SERIES)
OF_TABLES = [scaling for scaling in SCALINGS if scaling != "sample"]
BODY_OF = {Modality.IMAGE: "body", Modality.FIELD: "body"}  # else the one that reads text
CASES: list[tuple[Modality, ModelSettings, str]] = [
    *(
        (modality, ModelSettings(stem=stem, scaling=scaling), BODY_OF.get(modality, "text_body"))
        for modality, stem, scaling in itertools.product(IN_PATCHES, STEMS, SCALINGS)
    ),
    *((Modality.SEQUENCE, ModelSettings(stem=stem), "text_body") for stem in STEMS),
    *(
        (Modality.TABULAR, ModelSettings(numbers=numbers, scaling=scaling), "text_body")
        for numbers, scaling in itertools.product(NUMBERS, OF_TABLES)
    ),
    *((Modality.IMAGE, ModelSettings(stem=stem), "text_body") for stem in STEMS),
    *((Modality.SERIES, ModelSettings(stem=stem), "body") for stem in STEMS),
]


def named(value: object) -> str:
    return "-".join(value.said().values()) if isinstance(value, ModelSettings) else str(value)


def dataset(modality: Modality) -> LabelledDataset:
    """One of two channels, or a table of which one feature never changes and two are categories."""
    if modality is not Modality.TABULAR:
        return tiny_dataset(modality)
    plain = tiny_dataset(modality)
    inputs = plain.inputs.copy()
    inputs[:, 2] = 3
    inputs[:, 5:] = np.arange(60).reshape(-1, 1) % [2, 4]
    counts = (0, 0, 0, 0, 0, 2, 4)
    return make_dataset("mixed", modality, inputs, plain.targets, plain.class_names, category_counts=counts)


def gradients(model: CrossModalModel, data: LabelledDataset) -> dict[str, float]:
    """Largest gradient of each weight of the embedder under a loss that no output is alike for."""
    model.zero_grad()
    inputs = model.embedder.prepare(data, np.arange(8))
    loss = (model(inputs) * torch.linspace(-1, 1, 8).view(-1, 1)).square().sum()
    loss.backward()
    return {name: float(p.grad.abs().max()) for name, p in model.embedder.named_parameters() if p.grad is not None}


@pytest.mark.parametrize(("modality", "settings", "body"), CASES, ids=named)
def test_every_combination_makes_a_model_that_trains_and_comes_back(
    modality: Modality, settings: ModelSettings, body: str, files: TinyFiles
) -> None:
    data, where = dataset(modality), getattr(files, body)
    model = make_model(data, load_body(where, settings=settings), seed=1)
    usual = make_model(data, load_body(where), seed=1)
    tokens = model.embedder(model.embedder.prepare(data, np.arange(8)))
    assert tokens.shape == (8, usual.embedder.n_tokens, 16)
    assert model.embedder.grid == usual.embedder.grid
    assert torch.isfinite(tokens).all()

    gradients(model, data)
    with torch.no_grad():  # what starts at zero lets no gradient through before it has moved
        for p in model.embedder.parameters():
            p -= 0.1 * nn.functional.normalize(p.grad.flatten(), dim=0).view_as(p)
    reached = gradients(model, data)
    assert set(reached) == {name for name, _ in model.embedder.named_parameters()}
    unreached = {name for name, largest in reached.items() if not largest > 0}
    assert not unreached, unreached

    other = make_model(data, load_body(where, settings=settings), seed=2)
    other.load_state_dict(model.state_dict())
    inputs = model.embedder.prepare(data, np.arange(8))
    with torch.no_grad():
        assert torch.equal(other.eval()(inputs), model.eval()(inputs))


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_target_on_cells_goes_with_every_scaling(scaling: str, files: TinyFiles) -> None:
    data = tiny_task(Task.DENSE, Modality.FIELD)
    model = make_model(data, load_body(files.body, settings=ModelSettings(scaling=scaling, stem="conv")))
    assert model(torch.from_numpy(data.inputs[:3])).shape == (3, 1, 8, 8)


def bands(modality: Modality) -> LabelledDataset:
    """Two channels, from 0 to 1 and from 0 to 10, and a third that never changes."""
    inputs = np.random.default_rng(0).random((20, 3, 8, 8)).astype(np.float32)
    inputs[:, :, 0, 0], inputs[:, :, 0, 1] = 0, 1
    inputs *= np.array([1, 10, 0])[:, None, None]
    return make_dataset("bands", modality, inputs.astype(np.float32), np.arange(20) % 2, ["a", "b"])


def test_bands_of_an_image_have_one_range_or_each_its_own(files: TinyFiles) -> None:
    data = bands(Modality.IMAGE)
    ends = torch.tensor([0.0, 1.0, 10.0]).view(3, 1, 1, 1).expand(3, 3, 16, 16)
    found = {}
    for scaling in ("range", "channel"):
        layer = make_model(data, load_body(files.body, settings=ModelSettings(scaling=scaling))).embedder
        found[scaling] = layer.resized(ends)[:, :, 0, 0]
    # The tiny body's own scale has mean .5 and deviation .5.
    torch.testing.assert_close(found["range"], torch.tensor([[-1.0] * 3, [-0.8] * 3, [1.0] * 3]))
    torch.testing.assert_close(found["channel"][:, :2], torch.tensor([[-1.0, -1.0], [1.0, -0.8], [19.0, 1.0]]))
    assert torch.isfinite(found["channel"]).all()
    assert found["channel"][:, 2].abs().max() < 30


@pytest.mark.parametrize("modality", [Modality.FIELD, Modality.SERIES])
def test_one_range_leaves_channels_as_loud_as_they_are(modality: Modality, files: TinyFiles) -> None:
    data = bands(Modality.FIELD)
    if modality is Modality.SERIES:
        flat = data.inputs.reshape(20, 3, 64)
        data = make_dataset("bands", modality, flat, np.arange(20) % 2, ["a", "b"])
    layer = make_model(data, load_body(files.text_body, settings=ModelSettings(scaling="range"))).embedder
    scaled = (torch.from_numpy(data.inputs[data.rows("train")]) - layer.shift) / layer.scale
    assert scaled.mean().abs() < 1e-3
    assert scaled.std().item() == pytest.approx(1, abs=1e-2)
    loud = scaled.flatten(2).std(dim=(0, 2))
    assert loud[1].item() == pytest.approx(10 * loud[0].item(), rel=0.1)


def test_a_level_that_a_sample_lost_comes_back_by_training(files: TinyFiles) -> None:
    """Samples that differ in their level alone are alike in their own units, until the map of levels has moved."""
    shape = np.random.default_rng(0).normal(size=(1, 1, 30))
    inputs = shape * np.linspace(1, 5, 20).reshape(-1, 1, 1) + np.linspace(-3, 9, 20).reshape(-1, 1, 1)
    data = make_dataset("levels", Modality.SERIES, inputs, np.arange(20) % 2, ["a", "b"])
    model = make_model(data, load_body(files.text_body, settings=ModelSettings(scaling="sample")))
    samples = torch.from_numpy(data.inputs)
    tokens = model.embedder(samples)
    torch.testing.assert_close(tokens, tokens[:1].expand_as(tokens), atol=1e-3, rtol=1e-3)
    nn.init.normal_(model.embedder.level.map.weight)
    assert model.embedder(samples).std(dim=0).min() > 1e-3


@pytest.mark.parametrize(
    ("modality", "settings", "words"),
    [
        (Modality.TABULAR, {"stem": "conv"}, ["stem is conv", "tabular data", "no patches", "leave stem at auto"]),
        (Modality.TEXT, {"stem": "overlap"}, ["stem is overlap", "text data", "no patches"]),
        (Modality.SERIES, {"numbers": "periodic"}, ["numbers is periodic", "series data", "expected tabular data"]),
        (
            Modality.SEQUENCE,
            {"scaling": "quantile"},
            ["scaling is quantile", "sequence data", "image or field or series"],
        ),
        (Modality.TEXT, {"scaling": "sample"}, ["scaling is sample", "text data"]),
        (Modality.TABULAR, {"scaling": "sample"}, ["scaling is sample", "single number", "log or quantile"]),
    ],
    ids=str,
)
def test_a_setting_that_could_change_nothing_is_refused(
    modality: Modality, settings: dict[str, str], words: list[str], files: TinyFiles, refusal
) -> None:
    body = load_body(files.text_body, settings=ModelSettings(**settings))
    refusal(lambda: make_model(tiny_dataset(modality), body), *words)


@pytest.mark.parametrize("settings", [{"stem": "conv", "scaling": "log"}, {"compat": "released"}], ids=str)
def test_what_is_asked_for_the_target_is_not_asked_of_the_source(settings: dict[str, str], files: TinyFiles) -> None:
    for modality, where in ((Modality.TEXT, files.text_body), (Modality.IMAGE, files.body)):
        data = tiny_dataset(modality)
        asked = source_model(data, load_body(where, settings=ModelSettings(**settings))).embedder
        plain = source_model(data, load_body(where)).embedder
        inputs = plain.prepare(data, np.arange(6))
        with torch.no_grad():
            assert torch.equal(asked.eval()(inputs), plain.eval()(inputs))


def test_settings_of_the_source_are_those_of_before() -> None:
    asked = replace(USUAL, stem="conv", numbers="periodic", scaling="quantile", readout="flat")
    assert asked.at_home(Modality.IMAGE) == replace(
        USUAL, stem="linear", numbers="linear", scaling="range", readout="mean", start="none"
    )
    assert EARLIER.at_home(Modality.TEXT).compat == "earlier"
