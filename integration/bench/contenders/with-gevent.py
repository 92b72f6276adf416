# What gevent takes for the same things, in nanoseconds each: prints {"what": {"median": ns, "min": ns}} as JSON.
import json
import statistics
import time

import gevent
from gevent.pool import Group

ROUNDS = 15
TIMES = 5000
GROUP = 100


def nothing():
    pass


def spawn_join(size):
    def run(times):
        for _ in range(times // size):
            group = Group()
            for _ in range(size):
                group.spawn(nothing)
            group.join()

    return run


def measure(run):
    run(TIMES)
    samples = []
    for _ in range(ROUNDS):
        start = time.perf_counter_ns()
        run(TIMES)
        samples.append((time.perf_counter_ns() - start) / TIMES)
    return {"median": statistics.median(samples), "min": min(samples)}


print(
    json.dumps(
        {
            "task group spawn + join, 100 in a group": measure(spawn_join(GROUP)),
            "task group spawn + join, 1 in a group": measure(spawn_join(1)),
            "gevent": {"version": gevent.__version__},
        }
    )
)
