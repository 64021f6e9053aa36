"""All scenarios: each row of the table of outcomes, and how the rows play together."""

from tests.oracle.scenarios_alerts import ALERTS
from tests.oracle.scenarios_belonging import CONTAINERS, LABELS, REUSE
from tests.oracle.scenarios_flags import FLAGS
from tests.oracle.scenarios_late import CORRECTIONS, LATE
from tests.oracle.scenarios_modes import EACH, TOGETHER
from tests.oracle.scenarios_places import PLACES
from tests.oracle.scenarios_rows import CONTRACT, LIFECYCLE, REPEATS
from tests.oracle.scenarios_tail import TAIL

SCENARIOS = [
    *CONTRACT,
    *REPEATS,
    *LIFECYCLE,
    *PLACES,
    *LATE,
    *CORRECTIONS,
    *ALERTS,
    *TAIL,
    *CONTAINERS,
    *LABELS,
    *REUSE,
    *FLAGS,
    *EACH,
    *TOGETHER,
]
