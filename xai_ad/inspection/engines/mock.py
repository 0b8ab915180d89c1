"""An engine for tests: it does nothing until `run_next`."""

from xai_ad.inspection.engines.base import Answer, JobStatus, Lane, Question
from xai_ad.inspection.engines.queued import QueuedEngine


class MockEngine(QueuedEngine[Question, Answer]):
    """Works in the caller's thread, on one job at a time."""

    def run_next(self, lane: Lane | None = None) -> JobStatus[Answer] | None:
        """Do the next job of a lane, or of the first lane that has one, and return how it ended; None without any."""
        with self._changed:
            lanes = [lane] if lane else list(Lane)
            job = next((job for one in lanes if (job := self._take(one))), None)
        if job is None:
            return None
        self._run(job)
        return job.status

    def _wake(self, lane: Lane) -> None:
        """Wait for `run_next`."""
