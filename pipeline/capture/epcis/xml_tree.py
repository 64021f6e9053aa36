"""XML as a tree of elements, with the prefixes it declares; nothing in it is followed, fetched or expanded.

Flow: bytes -> the root element and what names its namespaces.
"""

from __future__ import annotations

from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import DefusedXMLParser

from pipeline.capture.epcis.names import Namer

MOST_NESTED: Final = 100


class NotXml(Exception):  # noqa: N818  says what is the matter with the bytes
    """The bytes are no XML that may be read; the message says why."""


def read_tree(content: bytes) -> tuple[Element, Namer]:
    """Read a document.

    Raises: NotXml where it is not well-formed, is nested too deep, or declares entities or external references.
    """
    builder = _Builder()
    parser = _Parser(target=builder)
    try:
        parser.feed(content)
        root: Element = parser.close()
    except ParseError as error:
        message = f"is no well-formed XML: {error}"
        raise NotXml(message) from error
    except DefusedXmlException as error:
        message = "declares entities, a document type or an external reference, which are not accepted"
        raise NotXml(message) from error
    except (ValueError, LookupError) as error:  # an encoding that is unknown or has several bytes a letter
        message = f"is no XML in an encoding known here: {error}"
        raise NotXml(message) from error
    return root, builder.namer


class _Builder(TreeBuilder):
    """Builds the tree; what is nested too deep is refused before anything recurses into it."""

    def __init__(self) -> None:
        super().__init__()
        self.namer = Namer()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        if self._depth > MOST_NESTED:
            message = f"is nested deeper than {MOST_NESTED} elements"
            raise NotXml(message)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)

    def start_ns(self, prefix: str | None, uri: str) -> None:
        self.namer.declare(prefix or "", uri)


class _Parser(DefusedXMLParser):  # type: ignore[misc]
    """Refuses document types that declare or fetch anything; `<!DOCTYPE name>` alone does no harm."""

    def __init__(self, target: TreeBuilder) -> None:
        super().__init__(target=target, forbid_dtd=True)

    def defused_start_doctype_decl(self, name: str, sysid: Any, pubid: Any, has_internal_subset: int) -> None:  # noqa: ANN401  expat's own
        if sysid or pubid or has_internal_subset:
            raise DTDForbidden(name, sysid, pubid)
