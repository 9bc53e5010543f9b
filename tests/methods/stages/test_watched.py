"""Held-out rows that a stage is watched on."""

from xmodal_core.data.examples import EXAMPLES
from xmodal_core.methods.stages.watched import scored_rows


def test_a_short_stage_is_read_on_fewer_rows_but_never_on_few() -> None:
    data = EXAMPLES["digits"].load()  # 359 validation rows
    assert [len(scored_rows(data, trained)) for trained in (None, 10**6, 90 * 32, 32)] == [250, 250, 100, 100]
    assert len(scored_rows(data, 5000)) == 150
