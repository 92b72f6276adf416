# Greenlets that wait by AsyncResult.get(), as growth-measure.cjs does it: python3 growth-gevent.py COUNT
import gc
import json
import random
import statistics
import sys
import time

import gevent
from gevent.event import AsyncResult

DEPTH = 20
HANDOVERS = 20000
COLLECTIONS = 9
END = 1
PIECES = 10000

waiting = {}
waits = 0


def wait(i):
    global waits
    waits += 1
    result = waiting[i] = AsyncResult()
    return result.get()


def descend(depth, i):
    return descend(depth - 1, i) + 1 if depth > 1 else wait(i)


def body(i):
    while descend(DEPTH, i) != END + DEPTH - 1:
        pass


def wake(i, value):
    waiting[i].set(value)


def settle():
    # Twice: a result wakes who waits for it in the turn after.
    gevent.sleep(0)
    gevent.sleep(0)
    gevent.sleep(0)


def cpu_us():
    return time.process_time_ns() / 1000


def rss():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def pause_ms(generation):
    pauses = []
    for _ in range(COLLECTIONS):
        young = [[at] for at in range(600)]
        begin = time.perf_counter()
        gc.collect(generation)
        pauses.append(1000 * (time.perf_counter() - begin))
        del young
    return statistics.median(pauses)


def hand_over(times):
    def answer():
        for _ in range(times // 2):
            wait("b")
            wake("a", 0)

    answering = gevent.spawn(answer)
    gevent.sleep(0)
    for _ in range(times // 2):
        wake("b", 0)
        wait("a")
    answering.join()


def measure(count):
    found = {"count": count, "start": 0, "wake": 0, "end": 0}
    order = list(range(count))
    random.Random(1).shuffle(order)
    rounds = max(1, -(-PIECES // count))

    def timed(what, each):
        begin = cpu_us()
        for i in order:
            each(i)
        settle()
        found[what] += (cpu_us() - begin) / count / rounds

    before = rss()
    for round in range(rounds):
        first = waits
        timed("start", lambda i: gevent.spawn(body, i))
        assert waits - first == count
        if round == 0:
            found["bytes"] = (rss() - before) / count
        timed("wake", lambda i: wake(i, 0))
        if round < rounds - 1:
            timed("end", lambda i: wake(i, END))

    hand_over(HANDOVERS // 10)
    begin = cpu_us()
    hand_over(HANDOVERS)
    found["switch"] = (cpu_us() - begin) / HANDOVERS

    found["minor"] = pause_ms(0)
    found["full"] = pause_ms(2)
    timed("end", lambda i: wake(i, END))
    print(json.dumps(found))


measure(int(sys.argv[1]))
