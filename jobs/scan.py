"""The verb `scan`: one scan sent, and its verdict printed."""

from typing import Annotated

import typer

from jobs import arguments
from jobs.one_scan import build_scan, decided
from jobs.output import Format, FormatOption, JsonOption, show
from pipeline.settings import load_settings

app = typer.Typer(add_completion=False)

_TIME_HELP = f"When it was seen: {arguments.TIME_FORM}; now if left out."

KeyArgument = Annotated[str, typer.Argument(help=f"Unit key, as {arguments.KEY_EXAMPLE}.")]


@app.command()
def scan(  # noqa: PLR0913, PLR0917  one parameter per field of a scan
    key: KeyArgument,
    step: Annotated[str, typer.Option(help="What was done: COMMISSION, SHIP, RECEIVE, SELL, …")],
    site: Annotated[str, typer.Option(help="Where it was seen.")],
    time: Annotated[str, typer.Option(help=_TIME_HELP)] = "",
    corrects: Annotated[str, typer.Option(help="The scan_id of the scan of this unit that it takes back.")] = "",
    scan_id: Annotated[
        str, typer.Option(help="Unique per reading; a redelivery repeats it. Made up if left out.")
    ] = "",
    destination: Annotated[str, typer.Option(help="The site a shipment goes to.")] = "",
    location: Annotated[str, typer.Option(help="Place within the site.")] = "",
    reader: Annotated[str, typer.Option(help="The device that read it.")] = "",
    operator: Annotated[str, typer.Option(help="Who held it, a pseudonym.")] = "",
    document: Annotated[str, typer.Option(help="asn:…, order:…, rma:…, count:…")] = "",
    container: Annotated[str, typer.Option(help="Unit key of the container.")] = "",
    other_unit: Annotated[str, typer.Option(help="Unit key of the counterpart of INSTALL, REPLACE, RELABEL.")] = "",
    lot: Annotated[str, typer.Option(help="Lot or batch.")] = "",
    expiry: Annotated[str, typer.Option(help="Expiry date, YYYY-MM-DD.")] = "",
    condition: Annotated[str, typer.Option(help="Disposition (CBV).")] = "",
    source: Annotated[str, typer.Option(help="The system that sends it.")] = "",
    attribute: Annotated[list[str] | None, typer.Option(help="NAME=VALUE; may be repeated.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for the verdict.")] = 30,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Send one scan and print what the ledger made of it."""
    unit = arguments.unit_key(key)
    given = {
        "scan_id": scan_id, "site": site, "destination": destination, "location": location, "reader": reader,
        "operator": operator, "document": document, "container": arguments.unit_key_text(container),
        "other_unit": arguments.unit_key_text(other_unit), "lot": lot, "condition": condition, "corrects": corrects,
        "source": source,
    }  # fmt: skip
    fields = build_scan(
        unit,
        arguments.step(step),
        event_time=arguments.moment(time) if time else None,
        texts={name: text.strip() for name, text in given.items()},
        expiry=arguments.days(expiry) if expiry else None,
        attributes=arguments.pairs(attribute or []),
    )
    verdict = decided(load_settings(), unit, fields, timeout)
    if as_json or fmt is not Format.TABLE:
        show([verdict], as_json=as_json, fmt=fmt)
    else:
        show([{"field": name, "value": value} for name, value in verdict.items() if value is not None])
