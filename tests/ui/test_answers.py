"""An uploader learns where to upload to, although a run begins before it was told."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from xai_ad.ui.answers import keeping_answers


def answer():
    message = ForwardMsg()
    message.file_urls_response.response_id = "asked"
    return message


def drawn():
    message = ForwardMsg()
    message.delta.new_element.markdown.body = "of the run before"
    return message


@pytest.mark.parametrize("fragments", [None, ["a fragment"]])
def test_an_answer_that_was_not_sent_yet_is_kept_once_when_a_run_begins(fragments):
    queue = ForwardMsgQueue()
    queue.enqueue(drawn())
    queue.enqueue(answer())
    with keeping_answers():
        queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
        sent = queue.flush()
    assert sent.count(answer()) == 1
    assert (drawn() in sent) == (fragments is not None)


def test_what_was_sent_or_is_to_be_forgotten_as_a_whole_is_kept_no_longer():
    queue = ForwardMsgQueue()
    queue.enqueue(answer())
    with keeping_answers():
        queue.flush()
        assert queue.is_empty()
        queue.enqueue(answer())
        queue.clear()
        assert queue.is_empty()


def test_outside_of_it_streamlit_is_as_it_was():
    before = ForwardMsgQueue.clear
    with keeping_answers():
        assert ForwardMsgQueue.clear is not before
    assert ForwardMsgQueue.clear is before
