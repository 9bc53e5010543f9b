"""Words that a spreadsheet made dates of: the gene SEPT2 became 2-Sep, the range 1-2 the second of January."""

import re

from xmodal_core.data.draft import Draft
from xmodal_core.data.printable import printable
from xmodal_core.data.readers.tabular.counted import Counted
from xmodal_core.data.reading import Reading

_MONTH = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mrz|mär|mai|okt|dez|ene|abr|ago|dic|janv|févr|fév|avr|juin|"
    "juil|août|déc|gen|mag|giu|lug|set|ott|fev|out|maj|juni|juli|mars|märz"
)
_DATED = re.compile(
    rf"\d{{1,4}}[-./ ]\s?({_MONTH})\.?|({_MONTH})\.?[-./ ]\s?\d{{1,4}}|\d{{4}}-\d\d-\d\d( 00:00:00)?|"
    r"\d{1,2}[./]\d{1,2}[./]\d{4}( 0?0:00(:00)?)?|\d{1,2}月\d{1,2}日",
    re.IGNORECASE,
)


def tell_spoiled(draft: Draft, column: Counted, is_label: bool) -> None:
    """Warn of words that look as a spreadsheet writes a day: of any label, of a feature where others are none."""
    if not column.is_words or column.name in (draft.reading.category or ()):
        return
    words, counts = column.distinct
    dated = [bool(_DATED.fullmatch(str(word))) for word in words]
    if not any(dated) or (all(dated) and not is_label):
        return
    n, shown = int(counts[dated].sum()), printable(str(words[dated][0]), 20)
    draft.warn(
        "dates",
        f"{column.shown} has {shown!r}{' and others like it' if sum(dated) > 1 else ''} in {n:,} of "
        f"{len(column.present):,} rows, which is how spreadsheets write names such as SEPT2 or 1-2 once they took them "
        "for days",
        "write these names again, in cells of text, or say that they are meant so (category)",
        Reading(category=(column.name,)),
    )
