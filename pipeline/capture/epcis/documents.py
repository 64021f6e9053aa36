"""The documents that events come in: capture documents and the answers of queries; the events are judged one by one.

Source: EPCIS 2.0, section 9.5, and its JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from pipeline.capture.epcis.fields import Context, Extensible, Maybe, Strict, Time, Uri, Version, wrong


def _number_text_or_object(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str | dict):
        message = "is a number, a text or an object"
        raise wrong(message)
    return value


class Attribute(Strict):
    """One attribute of master data."""

    id: Uri
    attribute: Maybe[Annotated[Any, AfterValidator(_number_text_or_object)]] = None


class VocabularyElement(Strict):
    """Master data of one place, party or class."""

    id: Uri
    attributes: Maybe[list[Attribute]] = None
    children: Maybe[list[Uri]] = None


class MasterVocabulary(Strict):
    """Master data of one type."""

    type: Uri
    vocabulary_element_list: Maybe[list[VocabularyElement]] = None


class MasterData(Strict):
    """Master data that a document brings along; the ledger makes no use of it."""

    vocabulary_list: Maybe[list[MasterVocabulary]] = None


class Header(Extensible):
    """The header of a document."""

    master_data: Maybe[MasterData] = Field(default=None, alias="epcisMasterData")


class Body(Strict):
    """The body of a capture document."""

    event_list: list[Any]


class Document(Extensible):
    """A capture document."""

    context: Context = Field(alias="@context")
    id: Maybe[Uri] = None
    type: Literal["EPCISDocument"]
    schema_version: Version
    creation_date: Time
    instance_identifier: Maybe[str] = None
    sender: Maybe[str] = None
    receiver: Maybe[str] = None
    header: Maybe[Header] = Field(default=None, alias="epcisHeader")
    body: Body = Field(alias="epcisBody")


class ResultsBody(Extensible):
    """What a query found."""

    event_list: list[Any]
    vocabulary_list: Maybe[list[MasterVocabulary]] = None


class QueryResults(Extensible):
    """The answer of a query."""

    query_name: str
    subscription_id: Maybe[str] = Field(default=None, alias="subscriptionID")
    results_body: ResultsBody


class QueryBody(Extensible):
    """The body of a query document."""

    query_results: QueryResults


class QueryDocument(Extensible):
    """The answer of a query as a document."""

    context: Context = Field(alias="@context")
    id: Maybe[Uri] = None
    type: Literal["EPCISQueryDocument"]
    schema_version: Maybe[Version] = None
    creation_date: Maybe[Time] = None
    body: QueryBody = Field(alias="epcisBody")
