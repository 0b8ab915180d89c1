"""What a browser asked its session for is answered, although a run begins meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_ANSWER = "file_urls_response"
"""Where to upload files to: an uploader asks for it once, and waits for it without end."""


@contextmanager
def keeping_answers() -> Iterator[None]:
    """Let a run that begins drop no answer that an uploader waits for.

    Streamlit forgets whatever it has not sent yet when the whole page runs anew, such answers included: a photograph
    that was chosen in that moment would be lost without a word.
    """
    forget = ForwardMsgQueue.clear

    def clear(
        queue: ForwardMsgQueue,
        retain_lifecycle_msgs: bool = False,
        fragment_ids_this_run: list[str] | None = None,
    ) -> None:
        waiting = queue._queue if retain_lifecycle_msgs else []  # noqa: SLF001  # it has no other way to be asked
        answers = [message for message in waiting if message.WhichOneof("type") == _ANSWER]
        forget(queue, retain_lifecycle_msgs, fragment_ids_this_run)
        kept = {id(message) for message in queue._queue}  # noqa: SLF001
        for answer in answers:
            if id(answer) not in kept:
                queue.enqueue(answer)

    ForwardMsgQueue.clear = clear  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        ForwardMsgQueue.clear = forget  # type: ignore[method-assign]
