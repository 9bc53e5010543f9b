"""Columns that may name what was measured several times: wells, plots, runs, trials, farms, trees, machines.

Such a name is less sure than a subject's: a run may be a number of runs. So the values have to look like names, and
the person is asked.
"""

from collections.abc import Sequence

import numpy as np

from xmodal_core.data.draft import Draft
from xmodal_core.data.name_words import words_of
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.readers.tabular.names import IDS
from xmodal_core.data.reading import Reading

_UNITS = frozenset(
    words_of(
        """
        well wells plate microplate chip lane flowcell array slide core cellline passage biopsy isolate clone lineage
        donorid sampleid specimenid pdb pdbid uniprot ligand molecule mol
        plot subplot block parcel field farm herd flock litter cage tank pond pen paddock colony nest hive tree leaf
        shoot root seedling quadrat transect grid tile station stn buoy mooring catchment watershed lake river glacier
        island reef vessel ship cruise voyage flight vehicle car truck bus train locomotive driver rider player match
        run runs replicate rep experiment exp assay trial nct pair couple twin sibship pedigree pedigreeid
        charge wafer lots ingot mold mould turbine engine motor pump bearing gearbox asset equipment instrument robot
        sensor node logger probe electrode borehole drillhole hole wellbore outcrop
        apartment dwelling houseid store shop seller vendor merchant supplier account member employee worker rater
        annotator reader observer operator technician interviewer examiner teacher tutor student pupil classroom
        lecturer author artist singer composer album song book movie film episode playlist conversation thread dialogue
        dialog chat call doc article paragraph chapter debate repo repository commit paper pmid doi
        cow pig sow sheep goat horse rat calf lamb rabbit monkey vaca vache pferd schwein
        parzelle teilflache schlag betrieb tier kuh herde baum blatt standort messstelle gerat geraet maschine anlage
        fahrzeug versuch lauf durchlauf wiederholung los kunde schuler lehrer
        parcelle placette essai ferme souris arbre capteur eleve repetition troupeau champ
        parcela finca lote granja ensayo arbol sitio maquina alumno repeticion estacion
        parcella lotto prova azienda albero sito macchina alunno ripetizione stazione talhao fazenda arvore
        """
    )
)
_COUNTERS = IDS | {"no", "nr", "number", "name", "num", "code", "label", "nummer", "numero", "#"}
_FEWEST = 5  # units
_ROWS = 2  # of a unit, on average
_LEAST, _MOST = 0.25, 3.0  # times as many rows of the smallest and largest unit as of the middle one


def tell_repeated_units(draft: Draft, columns: Sequence[Counted]) -> None:
    """Warn of features whose name and values are those of such units, where rows of one would be in several splits."""
    if draft.groups is not None or draft.splits is not None or draft.times is not None:
        return
    reading = draft.reading
    kept = {*(reading.number or ()), *(reading.category or ()), reading.text, reading.id, reading.time}
    for column in columns:
        if column.name in kept or not (_are_units(column) if names_unit(column.name) else _are_numbered(column)):
            continue
        draft.warn(
            "possible-group",
            f"{column.shown} may name what was measured several times ({column.n_distinct:,} different values in "
            f"{len(column.present):,} rows), and rows of one value are in several splits",
            "keep rows of one value in one split, or say that it is a category",
            Reading(group=column.name) if not column.n_missing else Reading(drop=(column.name,)),
        )


def names_unit(name: str) -> bool:
    """Whether the last word of a name, but for "id" and the like, is that of something that is measured often."""
    words = [word for word in words_of(name) if word not in _COUNTERS and not word.isdigit()]
    whole = "".join(words_of(name)).removesuffix("id")
    return bool(words) and (words[-1] in _UNITS or "".join(words) in _UNITS or whole in _UNITS)


def _are_units(column: Counted) -> bool:
    """Whether values repeat as names do: words, or whole numbers side by side or equally often."""
    n = len(column.present)
    if not _FEWEST <= column.n_distinct <= n / _ROWS or not (column.is_words or column.is_whole):
        return False
    if column.is_words:
        return not column.is_prose
    counts = column.distinct[1]
    usual = float(np.median(counts))
    is_even = counts.max() <= _MOST * usual and counts.min() >= _LEAST * usual
    return is_even or _lie_together(column.present, column.n_distinct)


def _are_numbered(column: Counted) -> bool:
    """Whether a column called an id has codes such as T01, or blocks of rows: names of something, if not categories."""
    if not {"id", "ids"} & {*words_of(column.name)} or not _are_units(column):
        return False
    if column.is_words:
        return all(any(c.isdigit() for c in str(word)) for word in column.distinct[0])
    return _lie_together(column.present, column.n_distinct)


def _lie_together(values: np.ndarray, n_distinct: int) -> bool:
    return int((np.diff(values) != 0).sum()) + 1 == n_distinct
