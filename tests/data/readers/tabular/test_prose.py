import io

import numpy as np
import pytest

from tests.data.readers.tabular.tabled import counted, draft
from xmodal_core.data.modality import Modality
from xmodal_core.data.readers.tabular.prose import codes_of, find_written, is_sequence, is_smiles, texts_of
from xmodal_core.data.readers.upload import Upload

UPLOAD = Upload(io.BytesIO(), "t", "t.csv")


def only(name, values):
    return counted({name: values})[0]


def random_words(alphabet, length=20, n=30):
    rng = np.random.default_rng(0)
    return ["".join(rng.choice(list(alphabet), length)) for _ in range(n)]


@pytest.mark.parametrize(
    ("name", "words", "is_one"),
    [
        ("x", random_words("ACGT"), True),
        ("x", random_words("acgun"), True),
        ("x", random_words("ACDEFGHIKLMNPQRSTVWY"), True),
        ("x", random_words("ACGT", length=4), False),
        ("dna", random_words("ACGT", length=4), True),
        ("x", random_words("abcdefghijklmnop"), False),
        ("x", ["ACTGACTG", "TTTTACGA"] * 40, False),  # two names of two classes
    ],
)
def test_sequences_are_long_mostly_different_and_of_few_letters(name, words, is_one):
    assert is_sequence(only(name, words)) is is_one


def test_smiles_are_known_by_name_or_bonds():
    assert is_smiles(only("smiles", ["CC", "CO"]))
    assert is_smiles(only("x", ["C(=O)N", "CC=O", "c1ccccc1"]))
    assert not is_smiles(only("x", ["ash tree", "fir (old)"]))


def test_letters_become_codes_in_the_order_of_the_alphabet():
    begun = draft()
    assert codes_of(begun, np.array(["ACGT", "ttga"])).tolist() == [[1, 2, 3, 4], [4, 4, 3, 1]]
    assert begun.changed == ["4 DNA letters (ACGT) as codes"]


def test_shorter_sequences_are_padded_with_0_behind_them_or_all_are_cropped(refusal):
    texts = np.array(["ACGTA", "AC"])
    begun = draft()
    assert codes_of(begun, texts).tolist() == [[1, 2, 3, 4, 1], [1, 2, 0, 0, 0]]
    assert [w.code for w in begun.warnings] == ["unequal-lengths"]
    assert codes_of(draft(length="crop"), texts).tolist() == [[1, 2], [1, 2]]
    said = draft(length="pad")
    codes_of(said, texts)
    assert not said.warnings
    refusal(lambda: codes_of(draft(length="resample"), texts), "pad or crop")


def test_a_text_beside_many_features_stays_a_table_and_dates_are_no_text():
    texts = [f"a rather long text of the number {i}" for i in range(30)]
    numbers = {f"x{i}": np.arange(30.0) for i in range(4)}
    assert find_written(UPLOAD, draft(), counted({"note": texts, **numbers})) is None
    days = [f"2020-01-{1 + i:02} 10:00:00" for i in range(30)]
    assert find_written(UPLOAD, draft(), counted({"day": days})) is None
    begun = draft()
    found = find_written(UPLOAD, begun, counted({"text": texts, "day": days}))
    assert (found.column.name, found.modality, begun.warnings) == ("text", Modality.TEXT, [])


def test_a_row_without_a_text_is_refused_with_a_way_out(refusal):
    refusal(lambda: texts_of(UPLOAD, only("text", ["a b", "", "c d"])), "1 of 3", "'text'", "missing=drop")
