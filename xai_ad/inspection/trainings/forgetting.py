"""Deleting what was arranged of pictures to train on, unless a training still needs it."""

import shutil
from pathlib import Path

from xai_ad.errors import InUseError, InvalidInputError, UnknownNameError
from xai_ad.inspection.trainings.folders import trainings_home
from xai_ad.inspection.trainings.intake import datasets_home
from xai_ad.inspection.trainings.jobs import WAIT, TrainingState, list_jobs
from xai_ad.machine.files import writing
from xai_ad.machine.locks import claim


def forget_intake(key: str) -> None:
    """Delete arranged pictures by their key: copies and links, never a folder of the person's own.

    Raises `InUseError` where a training that is not done learns from them, `InvalidInputError` for a folder's path, and
    `UnknownNameError` for a key that is none.
    """
    if Path(key).is_absolute():
        raise InvalidInputError(
            f"{key!r} is a folder of your own. It is used where it lies, and is not deleted here."
        )
    root = datasets_home()
    known = [path.name for path in root.iterdir() if path.name[:1] != "."] if root.is_dir() else []
    if key not in known:
        raise UnknownNameError("set of training pictures", key, known)
    place = root / key
    with claim(trainings_home(), inside=True, wait=WAIT):
        users = [
            job.id
            for job in list_jobs()
            if job.state is not TrainingState.DONE
            and job.order.data.resolve().is_relative_to(place.resolve())
        ]
        if users:
            raise InUseError(
                f"The training {users[0]!r} needs these pictures. Let it end, or remove it from the list first."
            )
        gone = root / f".gone-{key}"
        with writing(place):
            place.rename(gone)
    with writing(gone):
        shutil.rmtree(gone)
