import pytest

from tests.tiny import TinyFiles
from xmodal_core.model.word_pieces import word_pieces


def test_a_text_is_cut_as_its_body_reads_it():
    assert word_pieces("minilm", "A red wine", 32) == ["[CLS]", "a", "red", "wine", "[SEP]"]
    assert word_pieces("minilm", "one two three four", 4) == ["[CLS]", "one", "two", "[SEP]"]


def test_a_folder_has_its_own_words_and_a_body_without_any_has_none(files: TinyFiles):
    assert word_pieces(files.text_body, "red grapes", 8) == ["[CLS]", "red", "[UNK]", "[SEP]"]
    assert word_pieces(files.body, "red", 8) == []


@pytest.mark.parametrize("name", ["no such body", "owner/never-fetched"])
def test_what_is_not_on_this_machine_has_none(name):
    assert word_pieces(name, "red", 8) == []
