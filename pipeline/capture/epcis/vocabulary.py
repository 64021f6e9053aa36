"""The Core Business Vocabulary: its bare words, their URNs and Web URIs, and what was withdrawn.

    BIZ_STEP.bare("https://ref.gs1.org/cbv/BizStep-shipping")   # "shipping"
    BIZ_STEP.web("shipping")                                     # the other way, as the event hash wants it

Source: CBV 2.0, as `schemas/cbv.toml` has it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pipeline.capture.epcis.uris import is_uri
from pipeline.wire.schemas import contracts_folder

CBV: Final = "https://ref.gs1.org/cbv/"
GS1: Final = "https://gs1.org/voc/"
BARRED: Final = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
"""How no word of another vocabulary may begin, says the JSON Schema."""
_OLD_CBV: Final = re.compile(r"https?://ns\.gs1\.org/cbv/")


@cache
def table() -> dict[str, Any]:
    """Return `schemas/cbv.toml` as it is written."""
    return tomllib.loads((contracts_folder() / "cbv.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Vocabulary:
    """One kind of words: the bare ones, and what stands in front of them elsewhere."""

    words: frozenset[str]
    urn: str
    """Beginning of the URN of CBV 1.x, empty where there is none."""
    uri: str
    """Beginning of the Web URI."""
    curie: str

    def bare(self, text: str) -> str:
        """Return the bare word of a URN, Web URI or compact URI of this vocabulary; any other text as it is."""
        for beginning in (self.uri, self.urn, self.curie):
            if beginning and text.startswith(beginning):
                word = text.removeprefix(beginning)
                return word if word in self.words else WITHDRAWN.get(word, text)
        return text

    def sayable(self, text: str) -> str | None:
        """Return the bare word of a text in any form, or the URI of another vocabulary; None where it is neither."""
        word = self.bare(_OLD_CBV.sub(CBV, text))
        if word in self.words:
            return word
        return text if is_uri(text) and not BARRED.match(text) else None

    def web(self, text: str) -> str:
        """Return the Web URI of a word in any of its forms; any other text as it is."""
        word = self.bare(text)
        return self.uri + word if word in self.words else text


def _vocabulary(words: Any, urn: str, uri: str, curie: str) -> Vocabulary:  # noqa: ANN401  what TOML holds
    return Vocabulary(frozenset(words), f"urn:epcglobal:cbv:{urn}:" if urn else "", uri, curie)


_TABLE: Final = table()
WITHDRAWN: Final[dict[str, str]] = _TABLE["withdrawn"]
BIZ_STEP: Final = _vocabulary(_TABLE["biz_steps"], "bizstep", f"{CBV}BizStep-", "cbv:BizStep-")
DISPOSITION: Final = _vocabulary(
    [*_TABLE["dispositions"]["flags"], *_TABLE["dispositions"]["others"]], "disp", f"{CBV}Disp-", "cbv:Disp-"
)
TRANSACTION: Final = _vocabulary(_TABLE["transactions"]["types"], "btt", f"{CBV}BTT-", "cbv:BTT-")
PARTY: Final = _vocabulary(_TABLE["parties"]["types"], "sdt", f"{CBV}SDT-", "cbv:SDT-")
ERROR_REASON: Final = _vocabulary(_TABLE["error_reasons"]["types"], "er", f"{CBV}ER-", "cbv:ER-")
COMPONENT: Final = _vocabulary(_TABLE["components"]["types"], "comp", f"{CBV}Comp-", "cbv:Comp-")
SENSOR_ALERT: Final = _vocabulary(_TABLE["sensor_alerts"]["types"], "", GS1, "gs1:")
MEASUREMENT: Final = _vocabulary(_TABLE["measurements"]["types"], "", GS1, "gs1:")
FLAGS: Final = frozenset(_TABLE["dispositions"]["flags"])
