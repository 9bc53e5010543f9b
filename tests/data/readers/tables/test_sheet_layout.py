import io

from xmodal_core.data.readers.tables import sheet_layout as module
from xmodal_core.data.readers.tables.sheet_layout import sheet_layout

SHEET = b"""<worksheet><cols><col min="2" max="3" width="9" hidden="1"/><col min="5" max="5"/></cols><sheetData>
<row r="2" spans="1:3"><c r="A2"><v>1</v></c></row><x:row hidden="true" r="3"/><row r="4" hidden="0"/></sheetData>
<mergeCells count="3"><mergeCell ref="A2:A9"/><mergeCell ref="A1:F1"/><mergeCell ref="AB10:AC12"/></mergeCells>
</worksheet>"""


def test_hidden_rows_and_columns_and_cells_merged_over_rows_are_found() -> None:
    found = sheet_layout(io.BytesIO(SHEET))
    assert (found.hidden_rows, found.hidden_columns) == ({3}, {2, 3})
    assert found.merged == [(1, 2, 9), (28, 10, 12)]


def test_a_sheet_in_pieces_says_the_same(monkeypatch) -> None:
    whole = sheet_layout(io.BytesIO(SHEET))
    monkeypatch.setattr(module, "_PIECE", 7)
    found = sheet_layout(io.BytesIO(SHEET))
    assert (found.hidden_rows, found.hidden_columns) == (whole.hidden_rows, whole.hidden_columns)
    assert set(found.merged) == set(whole.merged)


def test_a_claim_of_many_columns_costs_little() -> None:
    found = sheet_layout(io.BytesIO(b'<col min="1" max="99999999999" hidden="1"/>'))
    assert len(found.hidden_columns) == 100_000
