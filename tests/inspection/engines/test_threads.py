"""Threads of this process: as many as a lane is given, and one run however many sessions ask."""

import os
import sys
import threading
import time

import pytest

from xai_ad.inspection.engines.base import Lane
from xai_ad.inspection.engines.queued import Terms
from xai_ad.inspection.engines.threads import ThreadEngine
from xai_ad.machine.threads import NICENESS

PATIENCE = 20.0


def test_a_lane_of_two_workers_runs_two_jobs_side_by_side():
    meet = threading.Barrier(3, timeout=PATIENCE)
    engine = ThreadEngine(lambda question, progress: meet.wait(), workers={Lane.BATCHES: 2})
    for question in "ab":
        engine.submit(question, owner="anna", lane=Lane.BATCHES)
    meet.wait()  # both have come this far
    engine.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a niceness for each thread")
def test_slow_work_gives_way_and_verdicts_do_not():
    def niceness(question, progress):
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    engine = ThreadEngine(niceness)
    found = {}
    for lane in (Lane.VERDICTS, Lane.EXPLANATIONS):
        engine.submit(lane, owner="anna", lane=lane)
        while engine.status(lane).active:
            time.sleep(0.01)
        found[lane] = engine.status(lane).result
    engine.close()
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert found == {Lane.VERDICTS: own, Lane.EXPLANATIONS: min(own + NICENESS, 19)}


def test_many_sessions_asking_at_once_share_one_run():
    runs = []
    engine = ThreadEngine(lambda question, progress: runs.append(question), Terms(waiting=1000, kept=1000))
    start = threading.Barrier(8, timeout=PATIENCE)

    def ask(owner):
        start.wait()
        for question in range(20):
            engine.submit(question, owner=owner, lane=Lane.VERDICTS)

    threads = [threading.Thread(target=ask, args=(f"session {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while any(engine.status(question).state.active for question in range(20)):
        threading.Event().wait(0.005)
    engine.close()
    assert sorted(runs) == list(range(20))


def test_only_the_latest_finished_jobs_are_remembered():
    engine = ThreadEngine(lambda question, progress: question, Terms(kept=4))
    for question in range(10):
        engine.submit(question, owner="anna", lane=Lane.VERDICTS)
        while (status := engine.status(question)) and status.state.active:
            threading.Event().wait(0.001)
    assert [number for number in range(10) if engine.status(number)] == [6, 7, 8, 9]
    engine.close()
