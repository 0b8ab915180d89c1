"""The cache of results is bounded, forgets what is used least, and may be shared by threads."""

import threading

from xai_ad.inspection.results import BoundedCache


def test_the_least_recently_used_value_is_forgotten_first():
    cache = BoundedCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c"), len(cache)) == (1, None, 3, 2)


def test_a_kept_value_is_not_computed_again():
    cache = BoundedCache(2)
    calls = []
    for _ in range(2):
        assert cache.get_or("a", lambda: calls.append(1) or "value") == "value"
    assert calls == [1]


def test_threads_may_share_it():
    cache = BoundedCache(16)

    def hammer():
        for number in range(2000):
            assert cache.get_or(number % 40, lambda number=number: number % 40) == number % 40

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache) == 16
