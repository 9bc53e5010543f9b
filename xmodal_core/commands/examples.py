"""`examples`: what ships."""

import argparse

from xmodal_core.commands.answer import Answer


def add(_: argparse.ArgumentParser) -> None:
    """It takes nothing."""


def examples(_: argparse.Namespace) -> Answer:
    """List examples, sources and bodies."""
    from xmodal_core.data.examples import EXAMPLES
    from xmodal_core.data.sources import SOURCES
    from xmodal_core.model.bodies import BODIES

    examples = [
        {
            "name": e.name,
            "title": e.title,
            "modality": str(e.modality),
            "n": e.n,
            "classes": e.n_classes,
            "licence": e.licence,
            "origin": e.origin,
        }
        for e in EXAMPLES.values()
    ]
    sources = [{"name": s.name, "title": s.title, "modality": str(s.modality)} for s in SOURCES.values()]
    bodies = [{"name": b.name, "title": b.title, "modality": str(b.modality)} for b in BODIES.values()]
    lines = ["Examples"]
    lines += [
        f"  {e['name']:<20}{e['modality']:<10}{e['n']:>6} rows {e['classes']:>4} classes  {e['title']}"
        for e in examples
    ]
    for title, entries in (("Sources", sources), ("Bodies", bodies)):
        lines += ["", title] + [f"  {e['name']:<20}{e['modality']:<10}{e['title']}" for e in entries]
    return Answer({"examples": examples, "sources": sources, "bodies": bodies}, "\n".join(lines))
