"""Results and rows of a table as finished runs leave them, without a run."""

from typing import Any

from xmodal_core.runs.result import RunResult, TrainedOn
from xmodal_core.scores import ACCURACY, Evaluation, ScoreKind
from xmodal_core.verdict.table import Summary


def evaluated(score: float, n: int, kind: ScoreKind = ACCURACY) -> Evaluation:
    shares = {"accuracy": score, "balanced_accuracy": score} if kind is ACCURACY else {}
    return Evaluation(score, kind.name, 0.2, n, **shares)


def a_result(
    method: str,
    seed: int = 0,
    score: float = 0.5,
    *,
    kind: ScoreKind = ACCURACY,
    content: str = "h1",
    n_train: int = 80,
    n_test: int = 100,
    spec: dict[str, Any] | None = None,
    **fields: Any,
) -> RunResult:
    """The result of 10 steps.

    Args:
        content: hash of the target.
        spec: what its specification has beside method and seed.
        fields: of the result, in place of the usual ones.
    """
    usual: dict[str, Any] = {
        "method": method,
        "target": "t.npz",
        "body": "b",
        "source": "",
        "seed": seed,
        "settings": {},
        "budget": {},
    }
    usual |= {"guidance": None, "train_rows": 0, "shuffle_labels": False, "waypoints": 0, "schema": 1}
    values: dict[str, Any] = {
        "method": method,
        "title": method.title(),
        "seed": seed,
        "test": evaluated(score, n_test, kind),
        "validation": None,
        "steps": 10,
        "seconds": 2.0,
        "device": "cpu: 1 thread",
        "versions": {"torch": "2.13.0"},
        "spec": usual | (spec or {}),
        "target": TrainedOn("t", content, n_train, 3, "classification"),
    }
    return RunResult(**(values | fields))


def a_row(arm: str, values: tuple[float, ...], *, kind: ScoreKind = ACCURACY, **fields: Any) -> Summary:
    """A row of the table of arms with these scores at seeds 0, 1, ...; `fields` in place of the usual ones."""
    usual = {"arm": arm, "method": arm, "role_of": arm, "title": arm.title(), "metric": f"test {kind.name}"}
    usual |= {"mean": sum(values) / len(values), "sd": None, "interval": None}
    usual |= {"n_seeds": len(values), "seeds": tuple(range(len(values))), "values": values}
    usual |= {"n_train": 80, "n_test": 100, "steps": 10, "all_steps": (10,), "seconds": 2.0}
    return Summary(**(usual | fields))
