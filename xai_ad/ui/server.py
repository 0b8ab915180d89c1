"""What surrounds the app on its server: the headers of every answer, and what happens when it starts and ends."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xai_ad.errors import XaiAdError
from xai_ad.machine.allocator import tune_allocator
from xai_ad.ui.answers import keeping_answers
from xai_ad.ui.engine import ENGINE, WARM_UP

# Scripts from blobs: that is how Streamlit's components import theirs.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "font-src 'self' data:; "
    "connect-src 'self' ws: wss:; "
    "worker-src 'self' blob:; "
    "frame-src 'self' blob:; "
    "frame-ancestors 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


class SecurityHeaders:
    """Adds `HEADERS` to every answer over HTTP."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and its answer back, headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


MIDDLEWARE = [Middleware(SecurityHeaders)]


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Prepare the process while the server already answers, and stop all work when it ends."""
    tune_allocator()
    threading.Thread(target=_begin, name="warm-up", daemon=True).start()
    with keeping_answers():
        yield
    ENGINE.close()


def _begin() -> None:
    go_on_training()
    warm_up()


def go_on_training() -> None:
    """See that somebody goes on with the trainings that wait, or were cut short when the computer went off."""
    from xai_ad.inspection.trainings.jobs import ensure_runner

    with suppress(XaiAdError, OSError):  # page Train says what is wrong with them
        ensure_runner()


def warm_up() -> None:
    """Import what the first page needs, load the model that it opens on, and begin to explain its first sample.

    What the machine is fastest with is found out before the first explanation, and after the first verdict.
    """
    from xai_ad.inspection.cases import ask, open_case
    from xai_ad.inspection.explainers import MAIN, await_machine, explainers
    from xai_ad.inspection.image_files import default_sample, list_samples, make_image_file
    from xai_ad.inspection.methods import default_method
    from xai_ad.inspection.models import open_model, stored_models

    try:
        for stored in stored_models(on_broken=lambda _: None)[:1]:
            model = open_model(stored)
            samples = list_samples(stored.card.dataset)
            if name := default_sample(stored.card.dataset, samples):
                image_file = make_image_file(f"{stored.card.dataset}/{name}", samples[name].read_bytes())
                case = open_case(model, image_file)
                await_machine()
                main = [explainer for explainer in explainers().values() if explainer.id in MAIN]
                shown = default_method(stored, model.record.calibration.scoring.score)
                for explainer in sorted(main, key=lambda found: found.id != shown):
                    ask(case, explainer, engine=ENGINE, owner=WARM_UP)
    except XaiAdError:
        return  # the page says what is wrong with it, to someone who can read it
