"""What a model is called until a person names it."""

import re
import unicodedata

from xai_ad.errors import InvalidInputError
from xai_ad.inspection.trainings.jobs import TrainingState, list_jobs
from xai_ad.inspection.trainings.orders import SVDD
from xai_ad.store.managing import require_new_name

_LONGEST = 60


def free_name(title: str) -> str:
    """Return a name for a model of some pictures that no model and no training has, nor its fine-tuned one."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-") or "my-parts"
    ordered = {
        name.casefold()
        for job in list_jobs()
        if job.state is not TrainingState.DONE
        for name in job.order.names
    }
    number = 1
    while True:
        name = stem if number == 1 else f"{stem}-{number}"
        try:
            for each in (name, name + SVDD):
                require_new_name(each)
        except InvalidInputError:
            number += 1
            continue
        if not ordered & {name, name + SVDD}:
            return name
        number += 1
