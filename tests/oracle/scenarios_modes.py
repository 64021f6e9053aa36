"""Scenarios of modes: what each makes of each rule, and what they do together, late and to alerts."""

from tests.oracle.arrivals import ASSET_KEY, T0, an_internal
from tests.oracle.scenario import Line, Scenario, loaded, saw

_BOX = "sku:ACME/BOX/1"
_OUTCOMES = {"observe": "ACCEPTED", "warn": "FLAGGED", "block": "REJECTED"}
_ALERTING = ("DUPLICATE_COMMISSION", "IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT")
_BEGUN = saw("ACCEPTED NONE", "COMMISSION", 0)
_EXPIRY = T0 // 86_400_000 - 1

# a history that breaks one rule and no other: what was before, the step, its site, the state before and after it
_BREAKING: dict[str, tuple[list[Line], str, str, str, str]] = {
    "DUPLICATE_COMMISSION": ([_BEGUN, saw("ACCEPTED NONE", "STORE", 1)], "COMMISSION", "berlin", "STORED", "STORED"),
    "ILLEGAL_TRANSITION": ([_BEGUN], "RECEIVE", "berlin", "COMMISSIONED", "RECEIVED"),
    "UNKNOWN_UNIT": ([], "STOCK", "berlin", "NONE", "STORED"),
    "RETURN_NOT_SOLD": ([_BEGUN], "RETURN", "berlin", "COMMISSIONED", "RETURNED"),
    "RECALLED": (
        [saw("ACCEPTED NONE", "COMMISSION", 0, flags_set="recalled")], "SELL", "berlin", "COMMISSIONED", "SOLD",
    ),
    "STOLEN": ([saw("ACCEPTED NONE", "COMMISSION", 0, condition="stolen")], "SELL", "berlin", "COMMISSIONED", "SOLD"),
    "EXPIRED": ([saw("ACCEPTED NONE", "COMMISSION", 0, expiry=_EXPIRY)], "SELL", "berlin", "COMMISSIONED", "SOLD"),
    "IMPOSSIBLE_TRAVEL": ([_BEGUN, saw("ACCEPTED NONE", "SHIP", 9)], "RECEIVE", "munich", "IN_TRANSIT", "RECEIVED"),
    "CUSTODY_CONFLICT": ([_BEGUN], "STORE", "potsdam", "COMMISSIONED", "STORED"),
    "UNKNOWN_SITE": ([], "COMMISSION", "kiosk", "NONE", "COMMISSIONED"),
    "RETIRED_LABEL": (
        [_BEGUN, saw("ACCEPTED NONE", "RELABEL", 1, other_unit=_BOX)],
        "STORE", "berlin", "COMMISSIONED", "COMMISSIONED",
    ),
    "AGGREGATION_BREAK": (
        [_BEGUN, saw("ACCEPTED NONE", "PACK", 1, container=_BOX)], "TRANSFER", "potsdam", "PACKED", "PACKED",
    ),
}  # fmt: skip


def _modes(*rows: dict[str, str], base: int = 1, expect: str = "APPLIED ") -> Line:
    return loaded(expect, an_internal("MODES", "modes", list(rows), base))


def _row(rule: str, mode: str, **where: str) -> dict[str, str]:
    return {"rule": rule, "mode": mode} | where


def _each(rule: str, mode: str) -> Scenario:
    before, step, site, state, after = _BREAKING[rule]
    outcome = _OUTCOMES[mode]
    last = saw(f"{outcome} {rule} -> {state if mode == 'block' else after}", step, 10, site)
    is_told = rule in _ALERTING and mode != "observe"
    alerts = [f"s{len(before) + 2} {rule} OPENED 1 count 1"] if is_told else []
    refused = rule != "RETIRED_LABEL" and mode == "block"
    unit = {"site": "berlin" if before else None} if refused else None
    return Scenario(f"{rule} {mode}: {outcome}", [_modes(_row(rule, mode)), *before, last], alerts=alerts, unit=unit)


EACH = [_each(rule, mode) for rule in _BREAKING for mode in _OUTCOMES]

TOGETHER = [
    Scenario(
        "an adopted unit is observed, or not adopted",
        [
            _modes(_row("ADOPTED", "observe"), _row("ADOPTED", "block", site="munich")),
            saw("REJECTED ADOPTED -> NONE", "OBSERVE", 0, "munich", key=ASSET_KEY),
            saw("ACCEPTED ADOPTED -> IN_SERVICE", "OBSERVE", 90, key=ASSET_KEY),
        ],
    ),
    Scenario(
        "what is only observed lets no other rule be broken: of the outcomes the gravest holds",
        [
            _modes(_row("ILLEGAL_TRANSITION", "observe"), _row("STOLEN", "observe"), _row("CUSTODY_CONFLICT", "warn")),
            saw("ACCEPTED NONE", "COMMISSION", 0, flags_set="recalled stolen"),
            saw("ACCEPTED NONE -> HELD", "HOLD", 1),
            saw("REJECTED RECALLED -> HELD", "SELL", 2),
            saw("ACCEPTED ILLEGAL_TRANSITION -> SOLD", "SELL", 3, flags_unset="recalled"),
            saw("ACCEPTED ILLEGAL_TRANSITION -> STORED", "STORE", 4, "berlin"),
            saw("FLAGGED UNKNOWN_SITE -> ARRIVED", "ARRIVE", 5, "kiosk"),
        ],
    ),
    Scenario(
        "of equal outcomes the first rule of the table is told",
        [
            _modes(_row("CUSTODY_CONFLICT", "observe"), _row("UNKNOWN_SITE", "observe")),
            _BEGUN,
            saw("ACCEPTED CUSTODY_CONFLICT -> STORED", "STORE", 1, "kiosk"),
            _modes(_row("CUSTODY_CONFLICT", "observe"), _row("UNKNOWN_SITE", "block"), base=2),
            saw("REJECTED UNKNOWN_SITE -> STORED", "PICK", 2, "nowhere"),
            saw("ACCEPTED CUSTODY_CONFLICT -> PICKED", "PICK", 3, "potsdam"),
        ],
    ),
    Scenario(
        "a row holds for the keys that begin so, at the site it names",
        [
            _modes(
                _row("UNKNOWN_UNIT", "warn", key_prefix="sku:ACME/"),
                _row("UNKNOWN_UNIT", "observe", key_prefix="sku:ACME/", site="munich"),
                _row("UNKNOWN_UNIT", "block", key_prefix="sku:ACME/HOSE"),
                _row("UNKNOWN_UNIT", "observe", site="munich"),
            ),
            saw("FLAGGED UNKNOWN_UNIT -> STORED", "STORE", 0),
            saw("ACCEPTED UNKNOWN_UNIT -> STORED", "STORE", 0, "munich", key="sku:ACME/PUMP/2"),
            saw("REJECTED UNKNOWN_UNIT -> NONE", "STORE", 0, "munich", key="sku:ACME/HOSE/1"),
            saw("ACCEPTED UNKNOWN_UNIT -> STORED", "STORE", 0, "munich", key="sku:OTHER/HOSE/1"),
            saw("REJECTED UNKNOWN_UNIT -> NONE", "STORE", 0, key="sku:OTHER/HOSE/2"),
        ],
    ),
    Scenario(
        "an unknown unit that is let in by a step which leads nowhere begins as if commissioned",
        [
            _modes(_row("UNKNOWN_UNIT", "observe")),
            saw("ACCEPTED UNKNOWN_UNIT -> COMMISSIONED", "OBSERVE", 0),
            saw("ACCEPTED NONE -> STORED", "STORE", 1),
            saw("ACCEPTED UNKNOWN_UNIT -> RETIRED", "RETIRE", 0, key="sku:ACME/PUMP/2"),
            saw("REJECTED SEEN_AFTER_END", "STORE", 1, key="sku:ACME/PUMP/2"),
        ],
        alerts=["s5 SEEN_AFTER_END OPENED 1 count 1"],
        unit={"state": "STORED", "commissioned_at": None, "custody": None},
    ),
    Scenario(
        "a second commission that is let happen moves the unit, and begins no second life",
        [
            _modes(_row("DUPLICATE_COMMISSION", "observe"), _row("AGGREGATION_BREAK", "observe")),
            saw("ACCEPTED NONE", "COMMISSION", 0, flags_set="damaged"),
            saw("ACCEPTED NONE", "PACK", 1, container=_BOX),
            saw("ACCEPTED NONE", "SHIP", 2),
            saw("ACCEPTED DUPLICATE_COMMISSION -> IN_TRANSIT", "COMMISSION", 900, "munich"),
        ],
        unit={
            "commissioned_at": T0,
            "shipped_at": T0 + 120_000,
            "site": "munich",
            "custody": "munich",
            "container": _BOX,
            "flags": "damaged",
            "applied": 4,
        },
    ),
    Scenario(
        "a unit folded again is judged by the modes in force then, the alert goes with its evidence and comes back",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("FLAGGED CUSTODY_CONFLICT -> STORED", "STORE", 10, "potsdam"),
            _modes(_row("CUSTODY_CONFLICT", "observe")),
            saw("ACCEPTED NONE -> COMMISSIONED", "INSPECT", 5),
            _modes(base=2),
            saw("ACCEPTED NONE -> COMMISSIONED", "INSPECT", 6),
            _modes(_row("CUSTODY_CONFLICT", "block"), base=3),
            saw("ACCEPTED NONE -> COMMISSIONED", "INSPECT", 7),
        ],
        revisions=[
            "s2 ACCEPTED CUSTODY_CONFLICT by s4",
            "s2 FLAGGED CUSTODY_CONFLICT by s6",
            "s2 REJECTED CUSTODY_CONFLICT by s8",
        ],
        alerts=[
            "s2 CUSTODY_CONFLICT OPENED 1 count 1",
            "s4 CUSTODY_CONFLICT RETRACTED 1 count 0",
            "s6 CUSTODY_CONFLICT OPENED 2 count 1",
        ],
        unit={"state": "COMMISSIONED", "site": "berlin"},
    ),
    Scenario(
        "modes made against another version, or of rules that have none, are refused and change nothing",
        [
            _modes(_row("UNKNOWN_UNIT", "warn"), base=0, expect="REFUSED base"),
            _modes(_row("SEEN_AFTER_END", "warn"), expect="REFUSED content"),
            _modes(_row("UNKNOWN_UNIT", "off"), expect="REFUSED content"),
            saw("REJECTED UNKNOWN_UNIT", "STORE", 0),
        ],
    ),
]
