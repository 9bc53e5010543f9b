from dataclasses import replace

import pytest

from xmodal_core.data.reading import Reading
from xmodal_core.data.understanding import Caution, Feature, LeftOut, Understanding
from xmodal_core.data.words import feature_words, understanding_facts, understanding_lines, warning_lines

PLANETS = Understanding(
    file="planets.csv",
    format="csv, separated by semicolons",
    n=1200,
    modality="tabular",
    modality_reason="because it is a table",
    shape=(14,),
    axes=("features",),
    task="classification",
    task_reason="",
    n_outputs=2,
    classes=("gas", "rock"),
    label="kind",
    label_reason="its name is one of labels",
    splits={"train": 700, "val": 250, "test": 250},
    split_reason="drawn here",
    group="star",
    n_groups=80,
    features=tuple(Feature(f"f{i}", "number", 0.25 if i == 1 else 0) for i in range(14)),
    left_out=(LeftOut("columns", 7, ("id", "row"), "they name the rows"),),
    changed=("centred 'f3'",),
    warnings=(Caution("label-guessed", "it may be 'size'", "say which", Reading(label="size")),),
    reading=Reading(decimal="comma"),
)


def test_the_card_names_everything_in_its_place():
    assert understanding_facts(PLANETS) == {
        "file": ["planets.csv, csv, separated by semicolons"],
        "said": ["decimal=comma"],
        "samples": ["1,200 rows of a table, each of 14 features", "because it is a table"],
        "label": ["'kind': its name is one of labels"],
        "task": ["classification, 2 classes: gas, rock"],
        "splits": ["700 train, 250 val, 250 test", "drawn here"],
        "groups": ["80, by 'star'"],
        "features": ["f0 (number)", "f1 (number, 25 % missing)"]
        + [f"f{i} (number)" for i in range(2, 12)]
        + ["and 2 more"],
        "left out": ["7 columns (id, row ...): they name the rows"],
        "changed": ["centred 'f3'"],
    }


def test_lines_end_with_the_warnings_and_what_mends_them():
    lines = understanding_lines(PLANETS)
    assert lines[0] == "file      planets.csv, csv, separated by semicolons"
    assert lines[3] == "          because it is a table"
    assert lines[-1] == "warning: planets.csv: it may be 'size'; say which (--read label=size)."


def test_a_doubt_is_said_once_and_of_the_source_with_its_own_option():
    twice = replace(PLANETS, warnings=PLANETS.warnings * 2)
    assert warning_lines(twice, "--read-source") == [
        "planets.csv: it may be 'size'; say which (--read-source label=size)."
    ]


def test_other_kinds_of_samples_and_tasks():
    series = replace(
        PLANETS, shape=(3, 120), axes=("channels", "time"), modality="series", classes=(), n_outputs=1, features=()
    )
    card = understanding_facts(replace(series, task="regression", group="", reading=Reading()))
    assert card["samples"][0] == "1,200 series, each of 3 channels x 120 steps"
    assert card["task"] == ["regression, 1 number"]
    assert not {"groups", "features", "said"} & set(card)
    text = understanding_facts(replace(PLANETS, shape=(), axes=(), modality="text"))
    assert text["samples"][0] == "1,200 texts"
    many = understanding_facts(replace(PLANETS, classes=tuple(f"c{i}" for i in range(30)), task="multilabel"))
    assert many["task"][0].endswith("c11 and 18 more")
    assert many["task"][0].startswith("multilabel, 30 labels: c0, ")


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        (Feature("size", "number", 0.001), "size (number, less than 1 % missing)"),
        (Feature("hue", "category", 0, ("a", "b")), "hue (2 categories: a, b)"),
        (Feature("hue", "category", 0, tuple("abcdefg")), "hue (7 categories: a, b, c, d, e ...)"),
        (Feature("size is missing", "indicator"), "size is missing (indicator)"),
    ],
)
def test_a_feature_in_words(feature, words):
    assert feature_words(feature) == words


def test_what_a_file_is_called_cannot_break_the_lines():
    (line, *_) = understanding_lines(replace(PLANETS, file="a\nb\x1b[31m"))
    assert line == "file      a b [31m, csv, separated by semicolons"
