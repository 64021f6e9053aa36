"""The seconds `scanledger demo` takes, in a home of its own that is thrown away."""

import sys
import time
from typing import Final

from bench.ground import Ground, environment
from bench.part import PartFailed
from bench.worker import Figures

_SECONDS: Final = 600.0


def run(ground: Ground) -> Figures:
    """Run the demo as a newcomer would, after installation."""
    ground.say("running `scanledger demo`")
    settings = ground.settings("demo")
    variables = environment(settings)
    for name in ("KAFKA_BOOTSTRAP", "CLICKHOUSE_URL", "SCANLEDGER_TOPIC_PREFIX", "SCANLEDGER_PARTITIONS"):
        del variables[name]  # it brings its own
    begun = time.monotonic()
    demo = ground.start((sys.executable, "-P", "-m", "jobs", "demo"), variables)
    while demo.process.poll() is None:
        if time.monotonic() - begun > _SECONDS:
            message = f"the demo is not done after {_SECONDS:.0f} s: {demo.last_words()}"
            raise PartFailed(message)
        time.sleep(0.1)
    if demo.process.returncode:
        message = f"the demo ended with {demo.process.returncode}: {demo.last_words()}"
        raise PartFailed(message)
    return {"demo_s": time.monotonic() - begun}
