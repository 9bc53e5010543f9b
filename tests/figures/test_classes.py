from xmodal_core.figures.classes import (
    COUPLING,
    MAX_CLASSES_SHOWN,
    clicked_cell,
    matrix_caption,
    matrix_figure,
    matrix_table,
    pair_sentence,
)

HOSTILE = "<a href='https://evil.example'>b</a>"
DETAIL = {
    "class_distance": [[1.0, 2.0], [0.5, 4.0]],
    "coupling_by_class": [[0.1, 0.2], [0.4, 0.3]],
    "class_names": {"source": [HOSTILE, "s"], "target": ["t", "t"]},
}


def many(n: int) -> dict:
    names = [f"a rather long class name {i}" for i in range(n)]
    cells = [[float(i + j) for j in range(n)] for i in range(n)]
    mass = [[1 / n**2] * n for _ in range(n)]
    return {"class_distance": cells, "coupling_by_class": mass, "class_names": {"source": names, "target": names}}


def test_distances_keep_names_that_repeat_and_escape_them():
    figure = matrix_figure(DETAIL)
    assert [list(row) for row in figure.data[0].z] == [[1.0, 2.0], [0.5, 4.0]]
    assert list(figure.layout.xaxis.ticktext) == ["t", "t"]
    assert "<a" not in figure.to_json()
    assert matrix_caption(DETAIL) == "Nearest pair: s and t, at 0.5."


def test_mass_is_in_percent_with_the_sum_of_each_class():
    figure = matrix_figure(DETAIL, COUPLING)
    assert [list(row) for row in figure.data[0].z] == [[10.0, 20.0], [40.0, 30.0]]
    assert list(figure.layout.xaxis.ticktext) == ["t · 50 %", "t · 50 %"]
    assert figure.layout.yaxis.ticktext[1] == "s · 70 %"
    assert matrix_caption(DETAIL, COUPLING).startswith("Most mass moves from s to t: 40 % of all.")


def test_every_cell_can_be_clicked_and_tells_which_it_is():
    marks = matrix_figure(DETAIL).data[1]
    found = [clicked_cell([{"x": x, "y": y}]) for x, y in zip(marks.x, marks.y, strict=True)]
    assert found == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert "W2 0.5<br>40 % of mass" in marks.text[2]
    assert clicked_cell([]) is None
    assert clicked_cell([{"x": 0, "y": 0}, {"x": 1, "y": 0}]) == (0, 1)


def test_a_chosen_pair_is_outlined_and_put_in_words():
    (box,) = matrix_figure(DETAIL, pair=(1, 0)).layout.shapes
    assert (box.x0, box.x1, box.y0, box.y1) == (-0.5, 0.5, 0.5, 1.5)
    assert not matrix_figure(DETAIL).layout.shapes
    assert pair_sentence(DETAIL, (1, 0)) == (
        "s to t: label distance 0.5; the coupling moves 40 % of all mass: 57 % of what leaves s, "
        "80 % of what reaches t."
    )


def test_a_class_without_mass_has_no_shares():
    empty = DETAIL | {"coupling_by_class": [[0.0, 0.0], [0.5, 0.5]]}
    assert pair_sentence(empty, (0, 1)).endswith("moves 0 % of all mass.")


def test_few_classes_have_their_numbers_in_the_cells_and_many_have_turned_labels():
    few, crowd = matrix_figure(many(5)), matrix_figure(many(24))
    assert few.data[0].texttemplate
    assert not crowd.data[0].texttemplate
    assert crowd.layout.xaxis.tickangle == -60
    assert crowd.layout.height > few.layout.height
    assert matrix_figure(DETAIL).layout.xaxis.tickangle == 0


def test_beyond_the_limit_the_figure_is_cut_the_table_is_not_and_the_caption_says_so():
    n = MAX_CLASSES_SHOWN + 5
    figure = matrix_figure(many(n), pair=(n - 1, 0))
    assert len(figure.data[0].z) == len(figure.layout.yaxis.ticktext) == MAX_CLASSES_SHOWN
    assert not figure.layout.shapes
    assert len(matrix_table(many(n))["distance"]) == n**2
    assert f"first {MAX_CLASSES_SHOWN} classes" in matrix_caption(many(n))


def test_mass_from_a_subsample_is_told():
    assert "subsample of 5,000 rows" in matrix_caption(DETAIL | {"n_subsample": 5000}, COUPLING)


def test_pictures_of_classes_stand_before_the_first_row_and_column():
    looks = {"source": {"a": "data:,a"}, "target": {"c": "data:,c"}}
    detail = {
        "class_names": {"source": ["a", "b"], "target": ["c"]},
        "class_distance": [[1.0], [2.0]],
        "coupling_by_class": [[0.5], [0.5]],
    }
    figure = matrix_figure(detail, looks=looks)
    placed = {image.source: (image.x, image.y) for image in figure.layout.images}
    assert placed == {"data:,a": (-1.1, 0), "data:,c": (0, -1.1)}
    assert figure.layout.xaxis.range[0] < -1.1
    low, high = figure.layout.yaxis.range
    assert low > high  # the first class is on top
    assert not matrix_figure(detail).layout.images
