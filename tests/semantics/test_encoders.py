"""Vectors of class names."""

from pathlib import Path

import numpy as np
import pytest

from tests.tiny import TinyFiles
from xmodal_core.errors import SettingsError
from xmodal_core.model.crossmodal import load_body
from xmodal_core.semantics.encoders import CONTROLS, NameVectors, controlled, encode_names, lexical_vectors
from xmodal_core.semantics.graph import class_similarity

ANIMALS = ["cat", "dog", "truck", "fire engine"]


@pytest.fixture(scope="module")
def minilm() -> NameVectors:
    return encode_names(ANIMALS, "minilm", 3)


def test_a_text_body_relates_classes_by_meaning(minilm: NameVectors) -> None:
    assert minilm.nodes.shape == minilm.held_out.shape == (4, 3, 384)
    assert np.allclose(np.linalg.norm(minilm.nodes, axis=2), 1, atol=1e-5)
    similarity = class_similarity(minilm.means)
    assert similarity[0, 1] > max(similarity[0, 2], similarity[0, 3])
    assert similarity[2, 3] > max(similarity[2, 0], similarity[2, 1])
    assert minilm.known.all()
    assert "minilm" in minilm.caption


def test_only_the_tokens_of_the_name_are_read(minilm: NameVectors) -> None:
    """By hand for one sentence: "This is cat." is [CLS] this is cat . [SEP], so the name is token 3."""
    import torch

    body = load_body("minilm")
    body.eval()
    batch = body.stem.tokenizer(["This is cat."], return_tensors="pt")
    assert body.stem.tokenizer.convert_ids_to_tokens(batch["input_ids"][0])[3] == "cat"
    with torch.inference_mode():
        token = body(body.stem.word_embeddings(input_ids=batch["input_ids"]))[0, 3].numpy()
    assert np.allclose(minilm.nodes[0, 0], token / np.linalg.norm(token), atol=1e-5)


def test_a_word_the_encoder_cannot_spell_is_reported() -> None:
    assert encode_names(["cat", "\U00013000\U00013001"], "minilm", 1).known.tolist() == [True, False]


def test_the_lexical_encoder_relates_by_spelling_alone_and_says_so() -> None:
    phrases = ["left ventricle", "right ventricle", "car", "automobile"]
    vectors = lexical_vectors(phrases)
    cosine = vectors @ vectors.T
    assert cosine[0, 1] > 0.4
    assert abs(cosine[2, 3]) < 0.2
    assert np.array_equal(vectors, lexical_vectors(phrases))
    assert "LEXICAL" in encode_names(phrases, "lexical", 5).caption
    assert "semantic" not in encode_names(phrases, "lexical", 5).caption


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_a_matrix_of_the_users_own_is_taken_row_by_row(tmp_path: Path, suffix: str) -> None:
    path, matrix = tmp_path / f"vectors{suffix}", np.array([[3.0, 4.0], [0.0, 2.0]])
    np.save(path, matrix) if suffix == ".npy" else np.savetxt(path, matrix, delimiter=",")
    found = encode_names(["a", "b"], str(path), 5)
    assert found.nodes[:, 0].tolist() == [[np.float32(0.6), np.float32(0.8)], [0, 1]]
    with pytest.raises(SettingsError, match="expected 3 rows"):
        encode_names(["a", "b", "c"], str(path), 5)


def test_an_unreadable_matrix_and_a_body_without_words_are_refused(files: TinyFiles, tmp_path: Path) -> None:
    (tmp_path / "bad.npy").write_bytes(b"no array")
    with pytest.raises(SettingsError, match="could not be read"):
        encode_names(["a", "b"], str(tmp_path / "bad.npy"), 5)
    with pytest.raises(SettingsError, match="choose a text body"):
        encode_names(["a", "b"], files.body, 5)


@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_controls_keep_shapes_and_break_meaning(n_classes: int) -> None:
    rng = np.random.default_rng(0)
    nodes = rng.normal(size=(n_classes, 2, 16)).astype(np.float32)
    given = NameVectors(nodes, nodes + 1, np.ones(n_classes, dtype=bool), "given")
    assert CONTROLS == ("names", "shuffled", "random")
    assert controlled(given, "names", 3) is given
    shuffled = controlled(given, "shuffled", 3)
    moved = [int(np.flatnonzero((nodes == row).all(axis=(1, 2)))[0]) for row in shuffled.nodes]
    assert sorted(moved) == list(range(n_classes))  # the same vectors
    assert all(source != c for c, source in enumerate(moved))  # and none at home
    assert np.array_equal(shuffled.held_out, shuffled.nodes + 1)
    drawn = controlled(given, "random", 3).nodes
    assert drawn.shape == nodes.shape
    assert np.allclose(drawn[:, 0] @ drawn[:, 1].T, np.eye(n_classes), atol=1e-5)
    assert np.array_equal(drawn, controlled(given, "random", 3).nodes)
    assert not np.array_equal(drawn, controlled(given, "random", 4).nodes)
