import numpy as np
import pytest

from xmodal_core.data.dataset import LabelledDataset, Modality
from xmodal_core.data.readers import read
from xmodal_core.data.reading import Reading
from xmodal_core.errors import DataError

GENES = ["ACGTACGTAC", "TTGACGTA", "GGGACCAATT", "CATGCATG", "TACGTTAG", "CCGGTTAA", "ATATGCGC", "GCTAGCTA"]


def load(titles: list[str], letters: list[str] = GENES, **said: str) -> LabelledDataset:
    text = "".join(f">{title}\n{one[:5]}\n{one[5:]}\n" for title, one in zip(titles, letters, strict=True))
    return read(text.encode(), "genes.fasta", Reading(**said))  # type: ignore[arg-type]


def named(pattern: str) -> list[str]:
    return [pattern.format(i=i, c=("coding", "intron")[i % 2]) for i in range(len(GENES))]


@pytest.mark.parametrize(
    "pattern", ["s{i} label={c}", "s{i}|class={c}|x", "s{i} [family={c}] of mouse", "s{i} Class:{c}"]
)
def test_a_usual_key_holds_the_label(pattern: str) -> None:
    data = load(named(pattern))
    assert data.modality is Modality.SEQUENCE
    assert data.class_names == ("coding", "intron")
    assert data.targets.tolist() == [0, 1] * 4
    assert data.understanding is not None
    assert not data.understanding.warnings


@pytest.mark.parametrize("pattern", ["s{i}|mouse|{c}", "s{i} {c}", "{c}_{i}", "s{i} part={c}"])
def test_any_other_place_is_guessed_and_warned_of_until_it_is_said(pattern: str) -> None:
    data = load(named(pattern))
    assert data.class_names == ("coding", "intron")
    assert data.understanding is not None
    (warning,) = data.understanding.warnings
    assert warning.code == "label-guessed"
    assert warning.mends is not None
    confirmed = load(named(pattern), **warning.mends.to_json())
    assert confirmed.understanding is not None
    assert not confirmed.understanding.warnings
    np.testing.assert_array_equal(confirmed.targets, data.targets)


def test_letters_are_codes_in_their_order_and_zero_is_behind_the_end() -> None:
    data = load(named("s{i} label={c}"))
    assert data.inputs.shape == (8, 10)
    assert data.inputs[1].tolist() == [4, 4, 3, 1, 2, 3, 4, 1, 0, 0]  # A 1, C 2, G 3, T 4
    assert data.understanding is not None
    assert data.understanding.changed == ("4 DNA letters (ACGT) as codes, padded from 8 to 10 letters",)


def test_lower_case_is_the_same_letter() -> None:
    upper, lower = load(named("s{i} label={c}")), load(named("s{i} label={c}"), [gene.lower() for gene in GENES])
    assert upper.content_hash == lower.content_hash


def test_splits_are_read_from_their_key() -> None:
    titles = [
        f"s{i} label={'xy'[i % 2]} split={('train', 'train', 'train', 'train', 'val', 'val', 'test', 'test')[i]}"
        for i in range(8)
    ]
    data = load(titles)
    assert [len(data.rows(split)) for split in ("train", "val", "test")] == [4, 2, 2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ACGT\n", "before the first name"),
        ("", "empty"),
        ("; comment\n", "no line that starts with >"),
        (">a label=x\nAC1T\n", "line 2"),
        (">a\nACGT\n>b\nACGG\n", "no labels.*label=class"),
        (">a label=x\n>b label=y\nACGT\n>c label=x\nAG\n>d label=y\nAA\n", "sequence 1 is empty"),
    ],
)
def test_what_is_no_labelled_fasta_is_refused_with_the_way_out(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read(text.encode(), "genes.fasta")


def test_a_key_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(DataError, match=r"no 'colour'.*'label'"):
        load(named("s{i} label={c}"), label="colour")
