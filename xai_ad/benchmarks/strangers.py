"""How often a model names what is not like its training pictures, and how often it wrongly does: `benchmark strangers`."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from xai_ad.benchmarks.base import Benchmark, BenchmarkResult, Row
from xai_ad.benchmarks.outsiders import CHANGES, MADE_OF, Picture, outsiders
from xai_ad.data.decoding import decode_image
from xai_ad.data.fitting import Proportions
from xai_ad.data.images import Preprocessing, prepare, to_float
from xai_ad.data.layouts import ANOMALOUS, NORMAL, Protocol, Sample, Split, read_dataset, split_dataset
from xai_ad.data.loading import count_channels, load_pixels
from xai_ad.data.reading import seen_part
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.familiarity import Familiarity, fit_familiarity
from xai_ad.errors import BenchmarkError
from xai_ad.fields import whole
from xai_ad.machine.places import CHECKOUT, samples
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import find_model, load, load_familiarity
from xai_ad.types import Images

SETS: Mapping[str, tuple[str, str, str | None]] = {
    "washer": ("washer", "mvtec", "washer-bcae1"),
    "lesion": ("lesion", "mvtec", "lesion-bcae1"),
    "bottle": ("mvtec/bottle", "mvtec", "bottle-bcae1"),
    "ham10000": ("ham10000", "ham10000", "ham10000-bcae1"),
    "ped2": ("ucsd_ped2", "ucsd", "ped2-bcae1"),
    "hazelnut": ("mvtec_partial/hazelnut", "mvtec", None),
    "leather": ("mvtec_partial/leather", "mvtec", None),
}
"""Each set's folder, its layout and the model that judges it; without one, what tells strangers is fitted on the spot."""
GENERATED = ("washer", "lesion")
MARK = "<!-- figures -->"
_BATCH = 32


@dataclass(frozen=True, kw_only=True, eq=False)
class _Set:
    """A set, and what tells its pictures from others."""

    name: str
    split: Split
    preprocessing: Preprocessing
    photograph: Proportions | None
    familiarity: Familiarity
    detector: AnomalyClassifier | None

    def images(self, pictures: Sequence[Picture]) -> Images:
        """Return pictures as the network takes them, those of another shape by their middle."""
        seen = [seen_part((picture.height, picture.width), self) for picture in pictures]
        pixels = [
            prepare(picture, self.preprocessing, part) for picture, part in zip(pictures, seen, strict=True)
        ]
        return to_float(torch.stack(pixels))

    def is_anomalous(self, images: Images) -> NDArray[np.bool_] | None:
        """Return each picture's verdict, (N,), or None where there is no model."""
        if self.detector is None:
            return None
        found = [self.detector.predict(batch).is_anomalous for batch in torch.split(images, _BATCH)]
        return torch.cat(found).numpy()


@dataclass(frozen=True, kw_only=True)
class StrangersBenchmark(Benchmark):
    """Every set's model on its own test pictures, on changed copies of them, on other sets' and on outsiders.

    `data` is the folder of real sets, by default `XAI_AD_DATA`, else `../shared/data`; of a set that is missing there
    is no row. Of each set `images` test pictures of either kind are taken, evenly. With `only` one set's model alone
    judges. The rows are also written into the Markdown file `page`, between its two marks.
    """

    id: ClassVar[str] = "strangers"
    sentence: ClassVar[str] = (
        "What is not like the training pictures is named a stranger; what is like them, defective or not, is none."
    )

    data: Path = field(
        default_factory=lambda: Path(os.environ.get("XAI_AD_DATA") or CHECKOUT.parent / "shared" / "data")
    )
    images: int = whole(100, low=1)
    only: str = ""
    page: str = ""

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Measure; raises `BenchmarkError` where no set is at hand."""
        found = {name: self._folder(name) for name in SETS if self._folder(name).is_dir()}
        judged = [name for name in found if self.only in {"", name}]
        if not judged:
            raise BenchmarkError(f"No set is at hand in {str(self.data)!r}. Set XAI_AD_DATA, or give --data.")
        tested = {name: self._tested(name) for name in found}
        strange, rows = outsiders(), []
        for place, name in enumerate(judged):
            part = part_of(on_progress, place / len(judged), (place + 1) / len(judged))
            one, own = self._opened(name), tested[name]
            others = {other: pictures for other, (pictures, _) in tested.items() if other != name}
            rows += [*_own_rows(one, *own), *_stranger_rows(one, own[0], {**others, **strange})]
            part(1.0)
        if self.page:
            _write_page(Path(self.page), rows)
        return BenchmarkResult(rows=tuple(rows), remarks=tuple(_remarks(rows)))

    def _folder(self, name: str) -> Path:
        folder = SETS[name][0]
        return samples() / folder if name in GENERATED else self.data / folder

    def _split(self, name: str) -> Split:
        return split_dataset(read_dataset(self._folder(name), SETS[name][1]), Protocol.HELD_OUT)

    def _tested(self, name: str) -> tuple[list[Picture], NDArray[np.bool_]]:
        """Return test pictures at their own resolution, and which of them are anomalous; no fit has seen one."""
        test = self._split(name).test
        chosen = [sample for label in (NORMAL, ANOMALOUS) for sample in _evenly(test, label, self.images)]
        pictures = [decode_image(sample.path, levels=sample.levels).convert("RGB") for sample in chosen]
        return pictures, np.array([sample.label == ANOMALOUS for sample in chosen])

    def _opened(self, name: str) -> _Set:
        split, model = self._split(name), SETS[name][2]
        if model is None:
            normal = [*split.train, *split.validation]
            preprocessing = Preprocessing(channels=1 if count_channels(normal) == 1 else 3)
            fitted = fit_familiarity(load_pixels(normal, preprocessing))
            return _Set(
                name=name,
                split=split,
                preprocessing=preprocessing,
                photograph=None,
                familiarity=fitted,
                detector=None,
            )
        stored = find_model(model)
        familiarity = load_familiarity(stored)
        if familiarity is None:
            raise BenchmarkError(f"The model {model!r} cannot tell strangers. Fit it: `familiarise`.")
        detector, card = load(stored)
        return _Set(
            name=name,
            split=split,
            preprocessing=card.preprocessing,
            photograph=card.photograph,
            familiarity=familiarity,
            detector=detector,
        )


def _evenly(samples: Sequence[Sample], label: int, count: int) -> list[Sample]:
    """Return at most so many samples of a label, spread evenly over those there are."""
    of_label = [sample for sample in samples if sample.label == label]
    places = np.linspace(0, len(of_label) - 1, min(count, len(of_label))).round().astype(int)
    return [of_label[place] for place in places]


def _own_rows(one: _Set, pictures: Sequence[Picture], anomalous: NDArray[np.bool_]) -> Iterator[Row]:
    """Yield a row on the set's own normal and anomalous test pictures, and on each change to all of them."""
    before = one.is_anomalous(one.images(pictures))
    for label, words in ((False, "own, normal"), (True, "own, anomalous")):
        chosen = [
            picture
            for picture, is_anomalous in zip(pictures, anomalous, strict=True)
            if is_anomalous == label
        ]
        if chosen:
            yield _row(one, words, one.images(chosen))
    for words, change in CHANGES.items():
        images = one.images([change(picture, turn) for turn, picture in enumerate(pictures)])
        yield _row(one, words, images, truth=anomalous, before=before)


def _stranger_rows(
    one: _Set, own: Sequence[Picture], strange: Mapping[str, Sequence[Picture]]
) -> Iterator[Row]:
    for words, pictures in strange.items():
        yield _row(one, words, one.images(pictures))
    for words, change in MADE_OF.items():
        yield _row(one, words, one.images([change(picture, turn) for turn, picture in enumerate(own)]))


def _row(
    one: _Set,
    words: str,
    images: Images,
    *,
    truth: NDArray[np.bool_] | None = None,
    before: NDArray[np.bool_] | None = None,
) -> Row:
    """Return a line of the table: how many are named, for what, and how many are named or judged right, or as before."""
    likenesses = one.familiarity.judge_many(images)
    named = np.array([likeness.is_stranger for likeness in likenesses])
    causes = Counter(str(likeness.cause) for likeness in likenesses if likeness.cause is not None)
    now = None if truth is None else one.is_anomalous(images)
    right = None if now is None or truth is None else float((named | (now == truth)).mean())
    same = None if now is None or before is None else float((named | (now == before)).mean())
    return {
        "model": one.name,
        "pictures": words,
        "n": len(images),
        "named": float(named.mean()),
        "cause": causes.most_common(1)[0][0] if causes else "-",
        "named_or_right": right,
        "named_or_as_before": same,
    }


def _remarks(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the worst rows: of others' pictures, of a set's own, and of changed copies."""
    strange = [row for row in rows if row["pictures"] in {*SETS, *outsiders()}]
    if strange:
        worst = min(strange, key=lambda row: float(str(row["named"])))
        yield f"Least named of other sets' pictures and outsiders: {_said(worst, 'named')}."
    own = [row for row in rows if str(row["pictures"]).startswith("own")]
    if own:
        yield f"Most wrongly named of a set's own: {_said(max(own, key=lambda row: float(str(row['named']))), 'named')}."
    asked = [row for row in rows if row["named_or_right"] is not None]
    if asked:
        worst = min(asked, key=lambda row: float(str(row["named_or_right"])))
        yield f"Least named or judged right: {_said(worst, 'named_or_right')}."


def _write_page(page: Path, rows: Sequence[Row]) -> None:
    """Write the rows as a table between a page's marks; raises `BenchmarkError` for a page without them."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    if text.count(MARK) != 2:
        raise BenchmarkError(f"The page {str(page)!r} has not two marks {MARK!r} to write between.")
    before, _, after = text.split(MARK)
    lines = [" | ".join([name.replace("_", " ") for name in rows[0]]), " | ".join(["---"] * len(rows[0]))]
    lines += [" | ".join(_cell(value) for value in row.values()) for row in rows]
    table = "\n".join(f"| {line} |" for line in lines)
    page.write_text(f"{before}{MARK}\n\n{table}\n\n{MARK}{after}", encoding="utf-8")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.1f} %" if isinstance(value, float) else str(value)


def _said(row: Row, figure: str) -> str:
    return f"{float(str(row[figure])):.3f} ({row['model']}: {row['pictures']})"
