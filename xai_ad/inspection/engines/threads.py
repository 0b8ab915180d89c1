"""Work in threads of this process: for what is short and shares the opened models."""

import threading
from collections.abc import Mapping

from xai_ad.inspection.engines.base import Answer, Lane, Perform, Question
from xai_ad.inspection.engines.queued import QueuedEngine, Terms
from xai_ad.machine.threads import stand_back


class ThreadEngine(QueuedEngine[Question, Answer]):
    """Has `workers` threads a lane, one where none is named: torch already uses every core for one job."""

    def __init__(
        self,
        perform: Perform[Question, Answer],
        terms: Terms | None = None,
        *,
        workers: Mapping[Lane, int] | None = None,
    ) -> None:
        super().__init__(perform, terms)
        self._workers = dict.fromkeys(Lane, 1) | dict(workers or {})
        self._threads: dict[Lane, list[threading.Thread]] = {lane: [] for lane in Lane}

    def close(self) -> None:  # noqa: D102  # the contract's
        super().close()
        for thread in [thread for threads in self._threads.values() for thread in threads]:
            thread.join()

    def _wake(self, lane: Lane) -> None:
        threads = self._threads[lane]
        busy = sum(job.lane is lane for job in self._running)
        if len(threads) < min(self._workers[lane], len(self._queues[lane]) + busy):
            # Daemon threads: work whose answer is not waited for must not keep the program from ending.
            name = f"{lane}-{len(threads)}"
            thread = threading.Thread(target=self._serve, args=(lane,), name=name, daemon=True)
            threads.append(thread)
            thread.start()
        self._changed.notify_all()

    def _serve(self, lane: Lane) -> None:
        if lane is not Lane.VERDICTS:  # pages are drawn, and verdicts found, while slow work goes on
            stand_back()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queues[lane] or self._closed)
                if self._closed:
                    return
                job = self._take(lane)
            if job is not None:
                self._run(job)
