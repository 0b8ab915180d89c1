"""A request asked again: the same bytes, or one line that says what has changed since."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.decoding.levels import FULL
from xai_ad.data.fitting import Fit
from xai_ad.errors import InvalidInputError
from xai_ad.explain import Explanation
from xai_ad.inspection.explaining import Question, made_with, question
from xai_ad.inspection.request import Request, Source
from xai_ad.inspection.subject import content_sha256, open_still, open_subject
from xai_ad.presentation.report import path_text, relevance_of, to_json
from xai_ad.progress import Progress, silent
from xai_ad.store import (
    Fingerprint,
    StoredModel,
    find_model,
    fingerprint,
    list_models,
    load,
    load_calibrations,
    load_familiarity,
)

FREE = (
    "seconds",
    "request",
    "made_with",
    "regions",
    "moments",
    "shown",
    "stranger",
    "p_value",
    "stranger_cause",
)
"""What of a record may differ where its figures agree: regions and moments are read off the map, `shown` off a screen,
and no explanation depends on what is said of strangers."""
_SHOWN = 12
"""Digits of a hash that a message shows."""
_PARTS = {
    "network": "network or its preprocessing",
    "weights": "weights",
    "calibration": "calibration",
    "references": "reference images",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Repetition:
    """A question that was asked before; `earlier` is what came of it, where that was kept beside the request."""

    file: Path
    question: Question
    earlier: Mapping[str, Any] | None

    def write(self, output: Path, *, on_progress: Progress = silent) -> str:
        """Answer and write it into a folder; return a line on what was found.

        Where an earlier record's figures agree, the record is written as it was, so that all bytes are the same;
        raises `InvalidInputError`, and writes nothing, where they do not.
        """
        answer = self.question.answer(on_progress)
        if self.earlier is None:
            return self.question.write(answer, output)
        self._compare(answer.explanation, json.loads(to_json(self.question.record(answer))))
        verdict = self.question.write(answer, output, record=dict(self.earlier))
        return f"{verdict} The same as {path_text(self.file)}."

    def _compare(self, explanation: Explanation, record: Mapping[str, Any]) -> None:
        earlier = self.earlier or {}
        names = dict.fromkeys([*earlier, *record])
        changed = [name for name in names if name not in FREE and earlier.get(name) != record.get(name)]
        beside = self.file.parent / "relevance.npy"
        if beside.is_file():
            before, now = _map(beside), relevance_of(explanation)
            if before.shape != now.shape:
                changed.insert(0, f"relevance has the shape {now.shape} and not {before.shape}")
            elif not np.array_equal(before, now):
                most = float(
                    np.abs(now - before).max() / max(np.abs(before).max(), np.finfo(np.float32).tiny)
                )
                changed.insert(0, f"relevance by up to {most:.2g} of its largest value")
        if changed:
            raise InvalidInputError(
                f"The result differs from that in {path_text(self.file)}: {', '.join(changed)}. "
                f"{_environment(earlier.get('made_with'))}"
            )


def reopen(file: Path, *, image: Path | None = None, normal: Path | None = None) -> Repetition:
    """Return the question of a file, an `explanation.json` or a bare request, with all that it asks about.

    What it names is looked for at the place it names and beside the file, or at the places given. Raises
    `InvalidInputError` with what has changed since or is not found, and as `Request.parse` does.
    """
    record = _json(file)
    earlier = record if isinstance(record, Mapping) and "image_sha256" in record else None
    if earlier is not None and not earlier.get("request"):
        raise InvalidInputError(
            f"{path_text(file)} holds no request: it was made by an earlier version. Explain the image anew."
        )
    request = Request.parse(record if earlier is None else earlier["request"])
    stored = find_model(_place_of(request.model))
    calibration = _calibration_of(request.model, stored)
    _compare_model(request.model, fingerprint(stored, calibration))
    detector, card = load(stored, calibration=calibration)
    place = _place(request.source, file, image, option="--image")
    then = request.placement
    fit = Fit.STRETCH if then is None else then.seen  # before placements were recorded, all was stretched
    subject = open_subject(
        place, detector, card, frame=request.source.frame, fit=fit, levels=_levels_of(request.source)
    )
    if then not in {None, subject.placement}:
        raise InvalidInputError(
            f"The model sees other frames, or on another grid, than the request says: {subject.placement} now, {then} "
            "then."
        )
    given = None
    if request.normal is not None:
        place = _place(request.normal, file, normal, option="--normal")
        given = open_still(place, card, levels=_levels_of(request.normal))
    if request.normal is None and normal is not None:
        raise InvalidInputError(f"The request in {path_text(file)} has no normal image. Leave out --normal.")
    asked = question(
        detector,
        request.model,
        subject,
        request.explainer,
        normal=given,
        familiarity=load_familiarity(stored),
    )
    return Repetition(file=file, question=replace(asked, request=request), earlier=earlier)


def _levels_of(source: Source) -> int:
    """Return which value was white: before requests said it, that was 65535 in every file of more than 8 bits."""
    return FULL if source.levels is None else source.levels


def _json(file: Path) -> Any:
    try:
        record = json.loads(file.read_bytes())
        to_json(record).encode()  # as it is written again: without NaN, infinity and halves of characters
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError(f"The request {path_text(file)} cannot be read ({reason}).") from error
    return record


def _map(file: Path) -> NDArray[np.number]:
    """Return an earlier map; raises `InvalidInputError` for a file that holds none."""
    try:
        with file.open("rb") as opened:
            found = np.lib.format.read_array(opened, allow_pickle=False)
        if np.issubdtype(found.dtype, np.number):
            return found
        reason = "no array of numbers"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    raise InvalidInputError(
        f"{path_text(file)} cannot be compared with ({reason}). Remove it to compare the record alone."
    )


def _place_of(model: Fingerprint) -> str | Path:
    """Return the folder of a request's model: where it says, else the listed one of its id, whatever lies here."""
    if model.path is not None and Path(model.path).is_dir():
        return Path(model.path)
    listed = {stored.card.id: stored.path for stored in list_models(on_broken=lambda _: None)}
    return listed.get(model.id, model.id)


def _calibration_of(model: Fingerprint, stored: StoredModel) -> str | None:
    """Return which of a model's stored calibrations a request was judged by, or None where it is none of them."""
    for record in load_calibrations(stored):
        if fingerprint(stored, record.id).calibration == model.calibration:
            return record.id
    return None


def _compare_model(then: Fingerprint, now: Fingerprint) -> None:
    for name, words in _PARTS.items():
        before, after = getattr(then, name), getattr(now, name)
        if before != after:
            raise InvalidInputError(
                f"The {words} of the model {then.id!r} changed since: SHA-256 {before[:_SHOWN]} then, {after[:_SHOWN]} now."
            )


def _place(source: Source, file: Path, given: Path | None, *, option: str) -> Path:
    """Return where a source's bytes are found; raises `InvalidInputError` where they are not."""
    named = Path(source.path)
    places = [given] if given is not None else [named, file.parent / named, file.parent / named.name]
    found = [place for place in dict.fromkeys(places) if place.exists()]
    if not found:
        looked = path_text(given) if given is not None else f"{source.path}, nor beside {path_text(file)}"
        raise InvalidInputError(f"Nothing is found at {looked}. Give the file's place by {option}.")
    hashes = {place: content_sha256(place) for place in found}
    for place, sha256 in hashes.items():
        if sha256 == source.sha256:
            return place
    raise InvalidInputError(
        f"{path_text(found[0])} changed since: its bytes' SHA-256 was {source.sha256[:_SHOWN]} then, "
        f"{hashes[found[0]][:_SHOWN]} now."
    )


def _environment(then: Any) -> str:
    """Return what of the program and the machine is another than when a record was made."""
    now = made_with()
    before = then if isinstance(then, Mapping) else {}
    changed = [
        f"{name} {before.get(name)} then, {now[name]} now" for name in now if before.get(name) != now[name]
    ]
    return f"Made with {'; '.join(changed)}." if changed else "Versions, processor and threads are the same."
