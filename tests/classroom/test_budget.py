"""What one desk may ask for: held, and said, and nothing said where nothing was taken away."""

from xmodal_core.classroom import budget
from xmodal_core.classroom.budget import DESK, held_choice, held_request, refused_for_now
from xmodal_core.panel.request import GapRequest
from xmodal_core.runs.job import JobStatus
from xmodal_core.runs.plan import Choice


def test_a_request_is_held_to_rows_and_permutations():
    held, said = held_request(GapRequest("fractals", "digits", n=None, permutations=999))
    assert (held.n, held.permutations) == (DESK.rows, DESK.permutations)
    assert str(DESK.rows) in said
    small = GapRequest("fractals", "digits", n=50)
    assert held_request(small) == (small, None)


def test_a_choice_is_held_to_steps_of_every_stage():
    held, said = held_choice(Choice("orca", budget={"align_steps": 500, "refine_steps": 10}))
    assert held.budget == {"align_steps": DESK.steps, "refine_steps": 10}
    assert str(DESK.steps) in said
    small = Choice("orca", budget={"refine_steps": 10})
    assert held_choice(small) == (small, None)


def test_a_desk_has_one_run_that_trains_and_two_that_wait(monkeypatch):
    monkeypatch.setattr(budget, "status", lambda state: JobStatus(state=state))
    assert refused_for_now(["running", "queued", "done", "paused"]) is None
    assert "3 of your runs" in refused_for_now(["running", "queued", "queued", "done"])
