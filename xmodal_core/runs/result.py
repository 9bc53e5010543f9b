"""`RunResult`: the evaluation of a finished run, what `result.json` holds; reading one needs no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from xmodal_core.data.understanding import Understanding
from xmodal_core.model.settings import ModelSettings
from xmodal_core.scores import Evaluation
from xmodal_core.values import JsonValue


@dataclass(frozen=True)
class Asked(JsonValue):
    """What comparisons read of a specification, which is more than this.

    Attributes:
        target, body: names or paths.
        settings: of the method.
        guidance: settings of guidance beside the method; None without it.
        train_rows: training rows that were asked for; 0 for all.
        shuffle_labels: whether it was trained on labels dealt out at random.
        tokens: most tokens of a sample that were asked for; None for the usual number.
        model: settings of the model that were asked for; None for the usual ones.
        schema: of the specification; 1 had no settings of the model, see `EARLIER`; before 3 MoNA had no
            strength.
        source: name or path; empty for a method that reads none.
        budget: steps by stage, as they were asked for.
        reading, source_reading: what was said about how to read the files.
    """

    target: str
    body: str
    settings: Mapping[str, Any]
    guidance: Mapping[str, Any] | None
    train_rows: int
    shuffle_labels: bool
    tokens: int | None = None
    model: dict[str, str] | None = None
    schema: int = 1
    source: str = ""
    budget: Mapping[str, int] = field(default_factory=dict)
    reading: Any = None
    source_reading: Any = None


@dataclass(frozen=True)
class TrainedOn(JsonValue):
    """The target as the run saw it, with the training rows that it kept.

    Attributes:
        hash: of the content.
        n_classes: 0 where the target is no class.
        task: value of a `Task`.
    """

    name: str
    hash: str
    n_train: int
    n_classes: int
    task: str


@dataclass(frozen=True)
class Standing(JsonValue):
    """What the method of a run said of itself when it ran, so that runs are compared without loading methods.

    Attributes:
        method: whose role the run may take: its own method, or LSG where fine-tuning is guided; empty for none.
        role: the letter of the verdict's rule that this method states of itself; empty for none.
        settings: those that are not the method's defaults, and the rate of stochastic depth where it acted.
    """

    method: str
    role: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class RunResult(JsonValue):
    """The evaluation of a finished run on the test and validation rows, with its last weights, and what it is of.

    Attributes:
        method, title: the method's name, and what it is called.
        seed: of every draw.
        validation: None where the data set has no validation rows; in JSON an empty object.
        steps: of all stages.
        seconds: of training.
        device: what it was trained on.
        versions: by package.
        spec: the specification, as it stands in the file.
        target: the data.
        standing: None in results that were written before it was kept.
        understanding, source_understanding: what a reader made of the target's and the source's file; None for data
            that ship.
        model: how samples went into the body and answers came out; None of a network without a body, and in results
            that were written before it was kept.
        stages: steps of each stage that has any, in order; None in results that were written before it was kept.
        label_samples: target samples, with repetition, whose labels the losses of curriculum and refinement read; None
            likewise.
        finished: when, ISO 8601 in UTC; None in results that were written before it was kept.
    """

    method: str
    title: str
    seed: int
    test: Evaluation
    validation: Evaluation | None
    steps: int
    seconds: float
    device: str
    versions: Mapping[str, str]
    spec: Mapping[str, Any]
    target: TrainedOn
    standing: Standing | None = None
    understanding: Understanding | None = None
    source_understanding: Understanding | None = None
    model: ModelSettings | None = None
    stages: Mapping[str, int] | None = None
    label_samples: int | None = None
    finished: str | None = None

    @cached_property
    def asked(self) -> Asked:
        """What comparisons read of the specification."""
        return Asked.from_json(self.spec, "the specification")

    def to_json(self) -> dict[str, Any]:
        """The object in `result.json`."""
        values = super().to_json()
        return values | {"validation": values["validation"] or {}}

    @classmethod
    def from_json(cls, values: Any, where: str = "the result") -> Self:
        """The result that `to_json` wrote.

        Raises:
            RunError: it is damaged, or from another version.
        """
        if isinstance(values, dict) and values.get("validation") == {}:
            values = values | {"validation": None}
        found = super().from_json(values, where)
        Asked.from_json(found.spec, f"the specification in {where}")  # or it would be refused where it is used
        return found
