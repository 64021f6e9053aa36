"""The functions analysts may call: chosen by ClickHouse's own categories, with a list of exceptions either way."""

from functools import lru_cache
from typing import Final

from pipeline.local.clickhouse.engine import Engine

_CATEGORIES: Final = frozenset(
    {
        "Aggregate Functions", "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional", "Dates and Times",
        "Distance", "Encoding", "Financial", "Geo", "Geo Polygon", "Hash", "IP Address", "JSON", "Logical", "Map",
        "Mathematical", "Null", "NumericIndexedVector", "Random Number", "Rounding", "String", "String Replacement",
        "String Search", "String Splitting", "Time Window", "Tuple", "Type Conversion", "URL", "UUID",
    }
)  # fmt: skip
# From the categories "Other" and "Internal", and aggregates that have none: what only computes.
_ALSO_TEXT: Final = """
    _cast array arrayjoin bar blocknumber blocksize bytesize casewithexpression casewithoutexpression cast
    countdigits cube currentdatabase currentqueryid currentuser defaultvalueofargumenttype
    defaultvalueoftypename displayname errorcodetoname exists finalizeaggregation formatquery
    formatqueryornull formatquerysingleline formatreadabledecimalsize formatreadablequantity
    formatreadablesize formatreadabletimedelta getsetting getsizeofenumtype getsubcolumn globalin globalnotin
    globalnotnullin globalnullin globalvariable grouping hostname identity if ignore in
    indexhint inignoreset initializeaggregation isconstant isdecimaloverflow lambda lowcardinalityindices
    lowcardinalitykeys materialize minsamplesizecontinuous minsamplesizeconversion multiif neighbor
    normalizedqueryhash normalizequery notin notnullin nullin parsereadablesize parsereadablesizeornull
    parsereadablesizeorzero parsetimedelta queryid rollup rownumberinallblocks rownumberinblock
    runningaccumulate runningconcurrency runningdifference runningdifferencestartingwithfirstvalue
    servertimezone throwif timezone tocolumntypename totypename transform tuple tupleelement untuple uptime
    variantelement varianttype version visiblewidth
"""
_ALSO: Final = frozenset(_ALSO_TEXT.split())


class AllowedFunctions:
    """The names of an engine's functions, told apart."""

    def __init__(self, engine: Engine) -> None:
        """Read the names and their categories from the engine itself."""
        rows = engine.rows("SELECT name, categories, alias_to, is_aggregate, origin FROM system.functions")
        self._known = {row[0].lower() for row in rows}
        self._aggregates = {name.lower() for name, _, _, is_aggregate, _ in rows if is_aggregate == "1"}
        self._allowed = set(_ALSO)
        for name, categories, alias_to, is_aggregate, origin in rows:
            listed = {part.strip() for part in categories.split(",")}
            if origin == "System" and not alias_to and (is_aggregate == "1" or listed & _CATEGORIES):
                self._allowed.add(name.lower())
        self._allowed |= {row[0].lower() for row in rows if row[2].lower() in self._allowed}
        combinators = engine.rows("SELECT name FROM system.aggregate_function_combinators")
        self._combinators = tuple(sorted((row[0].lower() for row in combinators), key=len, reverse=True))

    @staticmethod
    @lru_cache(maxsize=1)
    def of(engine: Engine) -> "AllowedFunctions":
        """Return the names of this engine, read once."""
        return AllowedFunctions(engine)

    def know(self, name: str) -> bool:
        """Tell whether the engine has a function of this name."""
        return name.lower() in self._known

    def allow(self, name: str) -> bool:
        """Tell whether analysts may call it, also as an aggregate with combinators (`sumIf`, `uniqStateArray`)."""
        lowered = name.lower()
        if lowered in self._allowed:
            return True
        return not self.know(lowered) and self._is_combined(lowered)

    def _is_combined(self, name: str) -> bool:
        if name in self._aggregates:
            return True
        return any(name.endswith(end) and self._is_combined(name.removesuffix(end)) for end in self._combinators)
