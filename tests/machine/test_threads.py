"""BLAS takes one thread inside, and whatever it took before afterwards."""

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
