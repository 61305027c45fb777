"""The table of formats: from it come the options of the command line, the routes, the page's list.

from geoagent_graph.render.formats.table import Format, register_format
register_format(Format("tsv", "text/x-tsv", ".tsv", "Table (TSV)", of_answers=write_tsv))
"""

from geoagent_graph.errors import InputError
from geoagent_graph.render.formats import (
    answer_rows,
    geojson,
    html_file,
    json_file,
    kml,
    markdown,
    pdf_file,
    trace_lines,
)
from geoagent_graph.render.formats.format import Format, Subject

__all__ = ["Format", "formats_for", "named_format", "register_format", "remove_format"]

_ROWS = [
    html_file.ROW,
    pdf_file.ROW,
    markdown.ROW,
    geojson.ROW,
    kml.ROW,
    json_file.ROW,
    trace_lines.ROW,
    answer_rows.CSV,
    answer_rows.PARQUET,
]


def formats_for(subject: Subject) -> tuple[Format, ...]:
    """Return the formats in which photos, a case or a trip can be written."""
    return tuple(row for row in _ROWS if row.works_for(subject))


def named_format(name: str) -> Format:
    """Return the format of a name.

    Raises:
        InputError: there is none.
    """
    for row in _ROWS:
        if row.name == name:
            return row
    raise InputError(f"{name}: no such format; take one of {', '.join(r.name for r in _ROWS)}")


def register_format(row: Format) -> None:
    """Add a format to the table; what is opened afterwards offers it.

    Raises:
        InputError: there is a format of that name.
    """
    if any(known.name == row.name for known in _ROWS):
        raise InputError(f"{row.name}: there is a format of that name")
    _ROWS.append(row)


def remove_format(name: str) -> None:
    """Take a format out of the table again.

    Raises:
        InputError: there is none of that name.
    """
    _ROWS.remove(named_format(name))
