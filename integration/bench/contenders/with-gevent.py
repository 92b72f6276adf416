# What gevent takes for the same things, in nanoseconds each: prints {"what": {"median": ns, "min": ns}} as JSON. (As
# gevent.py it would import itself.)
import json
import statistics
import time

import gevent
from gevent.lock import RLock, Semaphore
from gevent.pool import Group
from gevent.queue import Queue

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


def locking(lock):
    def run(times):
        for _ in range(times):
            lock.acquire()
            lock.release()

    return run


def passing(maxsize):
    def run(times):
        queue = Queue(maxsize)

        def put():
            for i in range(times):
                queue.put(i)

        gevent.spawn(put)
        for _ in range(times):
            queue.get()

    return run


def answering(times):
    there, back = Queue(), Queue()

    def answer():
        for _ in range(times):
            back.put(there.get())

    gevent.spawn(answer)
    for i in range(times):
        there.put(i)
        back.get()


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
            # gevent has no Lock: its Semaphore is what threading.Lock becomes.
            "Lock, acquire + release": measure(locking(Semaphore())),
            "RLock, acquire + release": measure(locking(RLock())),
            "Queue, put + get between two tasks": measure(passing(None)),
            "Queue(1), put + get between two tasks": measure(passing(1)),
            "Queue, an item there and one back": measure(answering),
            "gevent": {"version": gevent.__version__},
        }
    )
)
