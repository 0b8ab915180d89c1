"""BLAS takes one thread inside, and whatever it took before afterwards."""

import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from xai_ad.machine.threads import _controller, one_blas_thread


def threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_blas_has_one_thread_inside_and_its_own_again_afterwards():
    np.eye(2) @ np.eye(2)  # BLAS is there
    _controller.cache_clear()  # so are those that other tests' libraries brought
    with threadpool_limits(limits=2, user_api="blas"):
        with one_blas_thread():
            assert threads() == {1}
        assert threads() == {2}
        with pytest.raises(ZeroDivisionError), one_blas_thread():
            raise ZeroDivisionError
        assert threads() == {2}


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has it")
def test_a_process_that_stands_behind_is_nice_once_and_so_is_what_it_starts():
    program = (
        "import os, threading; from xai_ad.machine.threads import stand_behind; stand_behind(); stand_behind()\n"
        "def tell(): print(os.nice(0))\n"
        "tell(); thread = threading.Thread(target=tell); thread.start(); thread.join()"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["10"] * 2
