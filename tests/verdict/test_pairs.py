from tests.pages.runs import runs_root, written_run
from xmodal_core.runs.job import list_runs
from xmodal_core.verdict.export import export
from xmodal_core.verdict.pairs import pair, runs_of


def test_two_arms_are_paired_by_seed_whatever_their_role(tmp_path):
    runs = [written_run(tmp_path, "lsg", seed=seed, accuracy=0.9 + 0.01 * seed) for seed in range(3)]
    runs += [written_run(tmp_path, "mona", seed=seed, accuracy=0.8 + 0.01 * seed) for seed in range(1, 4)]
    found = export(runs)
    held = pair(found, found.sizes[0], "lsg", "mona")
    assert held.n_pairs == 2  # seeds 1 and 2
    assert round(held.mean, 9) == 0.1
    assert [one.result.seed for one in runs_of(found, found.sizes[0], "mona")] == [1, 2, 3]


def test_without_a_common_seed_there_is_no_difference(tmp_path):
    found = export(
        [written_run(tmp_path, "orca", seed=0, accuracy=0.9), written_run(tmp_path, "pare", seed=1, accuracy=0.8)]
    )
    assert pair(found, found.sizes[0], "orca", "pare") is None


def test_the_level_that_is_asked_for_is_the_one_that_is_read(tmp_path):
    for rows, gain in ((0, 0.1), (270, 0.3)):
        for seed in range(3):
            written_run(tmp_path, "finetune", seed=seed, accuracy=0.5 + gain, train_rows=rows)
            written_run(tmp_path, "scratch", seed=seed, accuracy=0.5, train_rows=rows)
    found = export(list_runs(runs_root(tmp_path)))
    assert [round(pair(found, level, "finetune", "scratch").mean, 9) for level in found.sizes] == [0.1, 0.3]
