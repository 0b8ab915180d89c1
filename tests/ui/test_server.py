"""Every answer carries the security headers, and the server's start and end leave nothing behind."""

import asyncio
import threading

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from xai_ad.errors import StoreError, WritingError
from xai_ad.inspection.trainings import jobs
from xai_ad.store import list_models
from xai_ad.ui import server


def answer(headers=None):
    """Return the headers that a page behind the middleware is answered with."""

    async def page(request):
        return PlainTextResponse("page", headers=headers)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [],
        "query_string": b"",
        "root_path": "",
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    app = Starlette(routes=[Route("/", page)], middleware=server.MIDDLEWARE)
    asyncio.run(app(scope, receive, send))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_every_answer_carries_the_headers():
    found = answer()
    for name, value in server.HEADERS.items():
        assert found[name.lower()] == value


def test_a_header_is_replaced_and_not_repeated():
    assert answer({"x-content-type-options": "other"})["x-content-type-options"] == "nosniff"


def test_nothing_is_loaded_from_elsewhere():
    policy = dict(
        part.strip().split(" ", 1) for part in server.CONTENT_SECURITY_POLICY.split(";") if part.strip()
    )
    assert policy["default-src"] == "'self'"
    assert "http" not in server.CONTENT_SECURITY_POLICY
    assert "*" not in server.CONTENT_SECURITY_POLICY


def test_the_end_of_the_server_closes_the_engine(monkeypatch):
    closed = []
    monkeypatch.setattr(server.ENGINE, "close", lambda: closed.append(True))
    monkeypatch.setattr(server, "tune_allocator", lambda: True)
    monkeypatch.setattr(server, "warm_up", lambda: None)

    async def live():
        async with server.lifespan(None):
            assert closed == []

    asyncio.run(live())
    assert closed == [True]


def test_a_training_that_waits_goes_on_when_the_app_starts(monkeypatch):
    asked = threading.Event()
    monkeypatch.setattr(jobs, "ensure_runner", asked.set)
    monkeypatch.setattr(server.ENGINE, "close", lambda: None)
    monkeypatch.setattr(server, "tune_allocator", lambda: True)
    monkeypatch.setattr(server, "warm_up", lambda: None)

    async def live():
        async with server.lifespan(None):
            assert asked.wait(10)

    asyncio.run(live())


def test_trainings_that_cannot_be_gone_on_with_do_not_keep_the_app_from_starting(monkeypatch):
    def refuse():
        raise WritingError("The home cannot be written.")

    monkeypatch.setattr(jobs, "ensure_runner", refuse)
    server.go_on_training()


def test_warming_up_survives_a_missing_or_damaged_model(own_home, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(own_home))
    server.warm_up()
    (own_home / "models" / "broken").mkdir(parents=True)
    (own_home / "models" / "broken" / "card.json").write_text("{")
    with pytest.raises(StoreError):
        list_models()
    server.warm_up()
