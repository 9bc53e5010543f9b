"""`ablations`: methods without one of their parts."""

import argparse
import json
from collections.abc import Mapping

from xmodal_core.commands.answer import Answer
from xmodal_core.errors import SettingsError
from xmodal_core.runs.ablations import ABLATIONS, Ablation, ablations_of


def add(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--method", help="only those of this method")


def ablations(options: argparse.Namespace) -> Answer:
    """List ablations with what they take away, what that answers, and the part of a specification that makes them.

    Raises:
        SettingsError: there are none of this method.
    """
    methods = list(dict.fromkeys(one.method for one in ABLATIONS.values()))
    if options.method is not None and options.method not in methods:
        raise SettingsError(f"there is no ablation of {options.method!r}, expected one of {', '.join(methods)}.")
    found = ablations_of(methods if options.method is None else [options.method])
    return Answer([one.to_json() for one in found], "\n\n".join(_in_words(one) for one in found))


def _in_words(one: Ablation) -> str:
    lines = [
        f"{one.name}  {one.title}",
        f"  takes away   {one.without}",
        f"  answers      {one.answers}",
        f"  made by      run SPEC.json --ablation {one.name}, or {json.dumps(_parts(one))}",
    ]
    lines += [f"  the same as  {one.same_as}, number by number: run one of the two"] if one.same_as else []
    return "\n".join(lines)


def _parts(one: Ablation) -> Mapping[str, object]:
    """What of a specification makes it."""
    parts = {"method": one.method, "settings": dict(one.settings), "budget": dict(one.budget)}
    return {name: value for name, value in parts.items() if value}
