from xmodal_core.data.readers import read
from xmodal_core.figures.columns import columns, columns_figure, in_words, table


def a_table():
    """Sixty rows; every fourth has no height, every fifth no colour."""
    rows = "\n".join(
        f"{'' if i % 4 == 0 else 10 + i},{'' if i % 5 == 0 else ('red', 'blue')[i % 2]},{i % 7},{'xy'[i % 3 == 0]}"
        for i in range(60)
    )
    return read(f"height,<colour>,n,label\n{rows}".encode(), "t.csv")


def test_what_was_filled_in_counts_as_missing_and_marks_are_no_columns():
    found = {column.name: column for column in columns(a_table())}
    assert list(found) == ["height", "<colour>", "n"]
    assert found["height"].missing == 15
    assert sum(found["height"].counts) == 45
    assert found["height"].span == (11.0, 69.0)
    assert found["<colour>"].missing == 12
    assert dict(zip(found["<colour>"].labels, found["<colour>"].counts, strict=True)) == {"blue": 24, "red": 24}
    assert found["n"].missing == 0


def test_the_figure_has_a_grey_bar_for_what_is_missing_and_names_are_no_markup():
    data = a_table()
    found = columns(data)
    figure = columns_figure(found, len(data))
    assert [sum(bar.y) for bar in figure.data] == [45, 15, 48, 12, 60]
    titles = [note.text for note in figure.layout.annotations]
    assert titles == ["height · 25% missing", "&lt;colour&gt; · 20% missing", "n"]
    assert "height from 11 to 69, 15 of 60 missing" in in_words(found, len(data))
    told = table(found)
    assert sum(told["rows"]) == 3 * 60
    assert "missing" in told["value"]
