"""Optimizers and schedules by name."""

import itertools

import pytest
import torch
from torch import nn

from tests.methods.resuming import metrics, resumed
from xmodal_core.methods.finetune import Finetune
from xmodal_core.methods.stages.optimizer import OPTIMIZERS, SCHEDULES, make_optimizer


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_warms_up_to_its_peak_and_never_leaves_it_upwards(schedule):
    rates = [Finetune(learning_rate=0.5, schedule=schedule).rate(step, 100) for step in range(100)]
    assert rates[:10] == pytest.approx([0.05 * (i + 1) for i in range(10)])
    assert max(rates) == 0.5
    assert all(a >= b for a, b in itertools.pairwise(rates[9:]))


def test_the_ends_of_the_schedules_worked_out_by_hand():
    last = {name: Finetune(learning_rate=1.0, schedule=name).rate(55, 100) for name in SCHEDULES}
    assert last == pytest.approx({"linear": 0.5, "cosine": 0.5, "constant": 1.0})  # half way from 10 to 100
    assert Finetune(learning_rate=1.0, schedule="cosine").rate(99, 100) < 1e-3


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_body_learns_at_its_share_under_every_optimizer(name):
    body = nn.Linear(1, 1, bias=False)
    model = nn.ModuleList([body, nn.Linear(1, 1, bias=False)])
    settings = Finetune(optimizer=name, body_rate=0.25, weight_decay=0.0)
    optimizer = make_optimizer(model, body, settings)
    before = [p.item() for p in model.parameters()]
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    for group in optimizer.param_groups:
        group["lr"] = 0.1 * group["share"]
    optimizer.step()
    moved = [b - p.item() for b, p in zip(before, model.parameters(), strict=True)]
    assert moved == pytest.approx([0.025, 0.1], rel=1e-4)  # a first step of all three is the rate


def test_unknown_names_are_refused(refusal):
    refusal(lambda: Finetune(optimizer="lion"), "optimizer", "lion", "adamw, adam, sgd")
    refusal(lambda: Finetune(schedule="step"), "schedule", "step", "linear, cosine, constant")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_goes_on_bit_for_bit_under_every_optimizer(name, prepared, tmp_path):
    settings = {"optimizer": name, "schedule": "cosine", "budget": {"refine_steps": 4}}
    whole, first, second = (prepared("finetune", **settings) for _ in range(3))
    assert resumed(first, 2, second, tmp_path) == metrics(whole)
