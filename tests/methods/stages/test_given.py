"""What cannot be run is refused in one sentence before a body is loaded, whoever asks: command line, worker or page."""

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from tests.tiny import tiny_dataset, tiny_task
from xmodal_core.__main__ import main
from xmodal_core.data.dataset import LabelledDataset, Modality, Task
from xmodal_core.data.sources import SOURCES
from xmodal_core.methods import METHODS
from xmodal_core.methods.base import needs_source
from xmodal_core.methods.stages.given import Given, check_given
from xmodal_core.methods.stages.share import patches_at
from xmodal_core.model import crossmodal
from xmodal_core.model.body import Body
from xmodal_core.model.facts import BodyFacts, body_facts
from xmodal_core.reuse.diagnostics.discrepancy import knowledge_discrepancy
from xmodal_core.runs import run
from xmodal_core.runs.run import prepare
from xmodal_core.runs.spec import RunSpec

READING = [name for name, method in METHODS.items() if needs_source(method)]
WITH_BODY = [name for name in METHODS if name != "simple"]
CONFIGS: dict[str, dict[str, Any]] = {
    "vit": {"model_type": "vit", "num_hidden_layers": 2},
    "swin": {"model_type": "swin", "depths": [2, 2]},
    "bert": {"model_type": "bert", "num_hidden_layers": 2},
    "hollow": {"model_type": "vit", "num_hidden_layers": 0},
}


def never(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a body was loaded")


@pytest.fixture
def bodies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Folders with a configuration and files of no weights; whoever loads a body fails, though not with a sentence."""
    monkeypatch.setattr(Body, "__init__", never)
    monkeypatch.setattr(crossmodal, "load_transformer", never)
    for name, config in CONFIGS.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps(config))
        (tmp_path / name / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
        (tmp_path / name / "vocab.txt").write_text("word")
    return {name: str(tmp_path / name) for name in CONFIGS}


def data(
    labels: np.ndarray | list[int],
    splits: str,
    task: Task = Task.CLASSIFICATION,
    modality: Modality = Modality.TABULAR,
    shape: tuple[int, ...] = (3,),
) -> LabelledDataset:
    """Noise with these targets; `splits` has a letter a row: r for train, v for val, t for test."""
    targets = np.asarray(labels)
    targets = targets if task is Task.CLASSIFICATION else targets.astype(np.float32).reshape(len(targets), -1)
    inputs = np.random.default_rng(0).normal(size=(len(targets), *shape)).astype(np.float32)
    n_names = {Task.CLASSIFICATION: targets.max() + 1, Task.MULTILABEL: targets.shape[-1]}.get(task, 0)
    names = tuple(("apple", "banana", "cherry", *(f"fruit {chr(97 + i)}" for i in range(20)))[: int(n_names)])
    named = np.array([{"r": "train", "v": "val", "t": "test"}[letter] for letter in splits])
    return LabelledDataset(
        "mine", modality, inputs, targets, names, named, np.arange(len(targets)).astype(str), task=task
    )


USUAL = data([0, 1] * 12, "r" * 12 + "v" * 8 + "t" * 4)
IMAGES = tiny_dataset(Modality.IMAGE, n=90)
TEXT = tiny_dataset(Modality.TEXT)
ONE_CLASS = data([0] * 6 + [0, 1] * 6, "r" * 6 + "v" * 8 + "t" * 4)
ONE_ROW = data([0, 1] * 6, "r" + "v" * 7 + "t" * 4)
ONE_FEATURE = data([0, 1] * 12, "r" * 12 + "v" * 8 + "t" * 4, shape=(1,))
SAME_NUMBER = data([3] * 6 + [1, 2] * 6, "r" * 6 + "v" * 8 + "t" * 4, Task.REGRESSION)
ONE_CLUSTER = data([0] + [1] * 23, "r" * 12 + "v" * 8 + "t" * 4, Task.REGRESSION)
ONE_LABEL = data([0, 1] * 12, "r" * 12 + "v" * 8 + "t" * 4, Task.MULTILABEL)
ONE_OF_CELLS = LabelledDataset(
    "mine",
    Modality.SEQUENCE,
    np.arange(60).reshape(12, 5),
    np.where(np.arange(60).reshape(12, 5) < 30, -(np.arange(60).reshape(12, 5) % 2), np.arange(60).reshape(12, 5) % 3),
    ("a", "b", "c"),
    np.repeat(["train", "val", "test"], [6, 3, 3]),
    np.arange(12).astype(str),
    task=Task.SEGMENTATION,
)
SINGLE_ROWS = data([*range(8), *range(8)], "r" * 8 + "v" * 7 + "t")
FEW_HELD = data([0, 1] * 6, "r" * 6 + "v" * 5 + "t")
FEW_SOURCE = data([0, 1] * 4, "r" * 6 + "v" + "t")
EIGHT = data([*range(8)] * 5, "r" * 16 + "v" * 16 + "t" * 8)
HELD_OF_ONE = data([0, 1] * 6 + [0] * 8 + [0, 1], "r" * 12 + "v" * 8 + "t" * 2)
BLANK = dataclasses.replace(TEXT, inputs=np.array([" "] * len(TEXT)))
NUMBERED = tiny_dataset(Modality.TABULAR)
SPARSE = data([0] * 10 + [1] + [0] * 8 + [1], "r" * 11 + "v" * 4 + "t" * 5, modality=Modality.IMAGE, shape=(1, 8, 8))

# method, target, source, body, settings, words of the sentence
Case = tuple[str, LabelledDataset, LabelledDataset, str, dict[str, object], tuple[str, ...]]
CASES: list[Case] = [
    *((m, ONE_CLASS, IMAGES, "vit", {}, ("1 class, 'apple'", "at least 2", "as train")) for m in METHODS),
    *((m, ONE_ROW, IMAGES, "vit", {}, ("1 training row(s)", "at least 2", "batch of one")) for m in METHODS),
    *(
        (m, ONE_OF_CELLS, IMAGES, "vit", {}, ("cells of the training rows of mine", "1 class", "another"))
        for m in METHODS
    ),
    *((m, SAME_NUMBER, IMAGES, "vit", {}, ("all 6 training rows", "the same target")) for m in METHODS),
    *((m, TEXT, IMAGES, "vit", {}, ("no tokenizer", "tiny text", "minilm")) for m in WITH_BODY),
    *((m, USUAL, IMAGES, "swin", {}, ("fixed grid", "tabular", "ViT")) for m in WITH_BODY),
    *((m, USUAL, TEXT, "vit", {}, ("no tokenizer", "tiny text")) for m in READING),
    *((m, IMAGES, USUAL, "swin", {}, ("fixed grid", "found tabular data in mine")) for m in READING),
    *((m, USUAL, SPARSE, "vit", {}, ("the source mine has 1 class(es)", "more classes")) for m in READING),
    *((m, USUAL, ONE_ROW, "vit", {}, ("1 training row(s)",)) for m in READING),
    *((m, ONE_CLUSTER, IMAGES, "vit", {}, ("24 regression targets", "a single cluster")) for m in READING),
    *((m, USUAL, ONE_CLUSTER, "vit", {}, ("a single cluster",)) for m in READING),
    *((m, FEW_HELD, IMAGES, "vit", {}, ("5 held-out row(s)", "at least 6", "val")) for m in READING if m != "pare"),
    *((m, USUAL, FEW_SOURCE, "vit", {}, ("2 held-out row(s)", "val or test")) for m in READING if m != "pare"),
    *((m, HELD_OF_ONE, IMAGES, "vit", {}, ("8 held-out rows", "one class, 'apple'")) for m in READING if m != "pare"),
    *((m, ONE_FEATURE, IMAGES, "vit", {}, ("1 token(s)", "0.64 replaces none")) for m in ("pare", "orca_pare")),
    ("pare", USUAL, ONE_FEATURE, "vit", {}, ("1 token(s)", "0.64 replaces none", "raise share_start")),
    ("pare", USUAL, IMAGES, "vit", {"order": "fixed"}, ("3 token(s)", "0.32 replaces none")),
    ("orca", SINGLE_ROWS, IMAGES, "vit", {"objective": "per_class"}, ("8 training rows", "8 classes", "otdd")),
    ("orca", EIGHT, IMAGES, "vit", {"objective": "per_class", "align_batch": 8}, ("sees 8", "raise align_batch")),
    ("lsg", ONE_LABEL, IMAGES, "vit", {}, ("1 class", "at least two")),
    ("lsg", NUMBERED, IMAGES, "vit", {}, ("3 of 3 class names mean nothing",)),
    ("lsg", tiny_task(Task.REGRESSION), IMAGES, "vit", {}, ("regression", "choose another method")),
    ("lsg", tiny_task(Task.DENSE), IMAGES, "vit", {}, ("dense", "choose another method")),
    ("lsg", tiny_task(Task.SEGMENTATION), IMAGES, "vit", {}, ("a class for every cell", "choose another method")),
    ("lsg", USUAL, IMAGES, "vit", {"encoder": "fractal-vit"}, ("'fractal-vit'", "reads no text", "minilm")),
    ("lsg", USUAL, IMAGES, "vit", {"encoder": "gone.npy"}, ("'gone.npy'", "no such file")),
    ("lora", USUAL, IMAGES, "hollow", {}, ("no transformer blocks", "another body")),
    ("simple", USUAL, IMAGES, "vit", {"estimator": "cnn"}, ("estimator is cnn", "tabular", "boosting")),
    ("simple", tiny_task(Task.DENSE), IMAGES, "vit", {"estimator": "linear"}, ("estimator is linear", "dense")),
    ("simple", BLANK, IMAGES, "vit", {}, ("only empty training texts", "another column")),
]


def ask(method: str, target: LabelledDataset, source: LabelledDataset, body: str, **settings: object) -> None:
    """Prepare a run on data sets that are at hand."""
    spec = RunSpec(method, "target", body, "source" if needs_source(METHODS[method]) else "", settings=settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "load_named", lambda name, **_: {"target": target, "source": source}[name])
        prepare(spec)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}: {' '.join(case[5])}")
def test_what_cannot_be_run_is_refused_before_a_body_is_loaded(
    case: Case, bodies: dict[str, str], refusal: Callable[..., str]
) -> None:
    method, target, source, body, settings, words = case
    refusal(lambda: ask(method, target, source, bodies[body], **settings), *words)


@pytest.mark.parametrize("method", METHODS)
def test_usual_data_pass_and_the_body_is_asked_for(method: str, bodies: dict[str, str]) -> None:
    settings = {"encoder": "lexical"} if method == "lsg" else {}
    if method == "simple":
        ask(method, USUAL, IMAGES, bodies["vit"])
        return
    with pytest.raises(AssertionError, match="a body was loaded"):
        ask(method, USUAL, IMAGES, bodies["vit"], **settings)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["batch_size", "share_start"])
def test_a_batch_of_one_and_a_share_above_one_are_no_settings(
    method: str, name: str, refusal: Callable[..., str]
) -> None:
    value = {"batch_size": 1, "share_start": 1.5}[name]
    has = name in METHODS[method].__dataclass_fields__  # type: ignore[attr-defined]
    words = (name, f"is {value}", "expected between") if has else ("no setting", name)
    refusal(lambda: RunSpec(method, "target", "body", "source", settings={name: value}), *words)


@pytest.mark.parametrize(("n_source", "n_target"), [(1, 9), (9, 1), (16, 24)])
def test_k_never_exceeds_the_tokens_of_either_side(n_source: int, n_target: int) -> None:
    """The share is one of the shorter side's tokens, so more than there are cannot be asked for."""
    for order in ("easy_to_hard", "hard_to_easy", "fixed", "random"):
        ks = [patches_at(p, n_source, n_target, 1.0, 1.0, order) for p in (0.0, 0.5, 1.0)]
        assert ks == [min(n_source, n_target)] * 3


def test_a_share_of_zero_is_what_the_person_asked_for(bodies: dict[str, str]) -> None:
    for target, source in ((ONE_FEATURE, IMAGES), (USUAL, ONE_FEATURE)):
        with pytest.raises(AssertionError, match="a body was loaded"):
            ask("pare", target, source, bodies["vit"], share_start=0.0)


def test_guidance_of_weight_zero_reads_no_name(bodies: dict[str, str]) -> None:
    with pytest.raises(AssertionError, match="a body was loaded"):
        ask("lsg", NUMBERED, IMAGES, bodies["vit"], guide_weight=0.0)


def test_names_that_cannot_guide_are_refused_beside_any_method(
    bodies: dict[str, str], monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str]
) -> None:
    monkeypatch.setattr(run, "load_named", lambda name, **_: {"target": NUMBERED, "source": IMAGES}[name])
    spec = RunSpec("orca", "target", bodies["vit"], "source", guidance={"encoder": "lexical"})
    refusal(lambda: prepare(spec), "3 of 3 class names mean nothing")


def test_a_discrepancy_needs_as_many_source_classes_as_labels_and_is_refused_before_it_permutes(
    monkeypatch: pytest.MonkeyPatch, refusal: Callable[..., str]
) -> None:
    monkeypatch.setattr("xmodal_core.reuse.diagnostics.discrepancy._cross_fitted", never)
    posterior = np.full((12, 2), 0.5)
    refusal(lambda: knowledge_discrepancy(posterior, np.arange(12) % 3), "3 target classes and 2 source classes")


def test_the_command_line_refuses_with_exit_code_2_and_leaves_no_directory(
    bodies: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "t.npz", X=USUAL.inputs, y=USUAL.targets, split=USUAL.splits)
    spec = {"method": "finetune", "target": str(tmp_path / "t.npz"), "body": bodies["swin"]}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    assert main(["run", str(tmp_path / "spec.json"), "--out", str(tmp_path / "run")]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert "fixed grid" in found.err
    assert len(found.err.splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("method", METHODS)
def test_a_page_can_ask_at_every_rerun(method: str) -> None:
    """Milliseconds for ten thousand rows, on which a page with a form of every method asks once per method."""
    n = 10_000
    rng = np.random.default_rng(0)
    fields = rng.normal(size=(n, 1, 16, 16)).astype(np.float32)
    splits = np.resize(np.array(["train", "train", "train", "val", "test"]), n)
    uid = np.arange(n).astype(str)
    classes = np.sort(rng.integers(0, 10, n))  # in order: the first thousand training rows are of one class
    names = tuple(f"fruit {chr(97 + i)}" for i in range(10))
    sets = [
        LabelledDataset("fields", Modality.FIELD, fields, fields, (), splits, uid, task=Task.DENSE),
        LabelledDataset("table", Modality.TABULAR, fields.reshape(n, -1), classes, names, splits, uid),
    ]
    settings = {"encoder": "lexical"} if method == "lsg" else {}
    chosen = RunSpec(method, "t", "fractal-vit", "s", settings=settings).parsed.method
    for target in sets[1:] if method == "lsg" else sets:
        source = sets[1] if method == "recraft" else target  # a source head answers with classes
        given = Given(target, source, body_facts("fractal-vit"))
        took = []
        for _ in range(3):
            begun = time.perf_counter()
            check_given(chosen, given)
            took.append(time.perf_counter() - begun)
        assert min(took) < 0.05, target.name


def test_a_source_that_ships_need_not_be_drawn(refusal: Callable[..., str]) -> None:
    orca = RunSpec("orca", "t", "b", "s").parsed.method
    check_given(orca, Given(USUAL, SOURCES["fractals"], body_facts("fractal-vit")))
    refusal(lambda: check_given(orca, Given(USUAL, SOURCES["scipy_docs"], body_facts("fractal-vit"))), "scipy_docs")


def test_facts_of_a_body_come_from_its_entry_or_its_configuration(bodies: dict[str, str], tmp_path: Path) -> None:
    assert body_facts("minilm") == BodyFacts("minilm", Modality.TEXT)
    assert body_facts(bodies["bert"]) == BodyFacts(bodies["bert"], Modality.TEXT)
    assert body_facts(bodies["swin"]) == BodyFacts(bodies["swin"], Modality.IMAGE, exact_tokens=True)
    assert body_facts(bodies["hollow"]) == BodyFacts(bodies["hollow"], Modality.IMAGE, has_blocks=False)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"model_type": "bert", "max_position_embeddings": 12}, 12),
        ({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        ({"model_type": "roberta", "max_position_embeddings": 514}, 512),
        ({"model_type": "vit", "max_position_embeddings": 12}, None),
        ({"model_type": "bert", "max_position_embeddings": "many"}, None),
    ],
)
def test_a_text_body_says_how_many_word_pieces_it_reads(
    config: dict[str, object], expected: int | None, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    facts = body_facts(str(tmp_path))
    assert facts is not None
    assert facts.text_tokens == expected


@pytest.mark.parametrize("method", WITH_BODY)
def test_a_text_body_of_few_positions_reads_no_text(
    method: str, bodies: dict[str, str], refusal: Callable[..., str]
) -> None:
    config = json.dumps(CONFIGS["bert"] | {"max_position_embeddings": 12})
    (Path(bodies["bert"]) / "config.json").write_text(config)
    refusal(lambda: ask(method, TEXT, TEXT, bodies["bert"]), "12 positions", "at least 32", "tiny text")


@pytest.mark.parametrize("method", METHODS)
def test_files_that_are_no_body_are_refused_before_it_is_loaded(
    method: str, bodies: dict[str, str], refusal: Callable[..., str]
) -> None:
    (Path(bodies["vit"]) / "model.safetensors").write_bytes(b"")
    settings = {"encoder": "lexical"} if method == "lsg" else {}
    if method == "simple":
        ask(method, USUAL, IMAGES, bodies["vit"])
        return
    refusal(lambda: ask(method, USUAL, IMAGES, bodies["vit"], **settings), "model.safetensors is empty")


@pytest.mark.parametrize("text", ["{", "[]", '{"model_type": "gpt9"}', '{"model_type": ["vit"]}'])
def test_of_a_body_that_cannot_be_read_nothing_is_known(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    assert body_facts(str(tmp_path)) is None
    assert body_facts("no such body, nor an id") is None
    assert body_facts("owner/never-fetched") is None


def test_a_random_start_is_refused_without_a_body_where_it_is_the_pretrained_one(refusal: Callable[..., str]) -> None:
    """An image body has nothing for series to start from; a text body has its LayerNorm, as a rule."""
    series, images = tiny_dataset(Modality.SERIES), tiny_dataset(Modality.IMAGE)
    vit, bert = BodyFacts("vit", Modality.IMAGE), BodyFacts("bert", Modality.TEXT)
    random = METHODS["finetune"](embedder_init="random")
    refusal(lambda: check_given(random, Given(series, body=vit)), "embedder_init is random", "vit", "series")
    for method, given in (
        (random, Given(images, body=vit)),
        (random, Given(series, body=bert)),
        (random, Given(series)),
    ):
        check_given(method, given)
    check_given(METHODS["finetune"](), Given(series, body=vit))
