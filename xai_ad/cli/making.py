"""Making data and models: `generate`, `train`, `finetune`, `compress`."""

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from xai_ad.cli.parsing import Levels, one_of, pairs, recipe_of, terminal_progress, typed_fields, white_of
from xai_ad.cli.recommending import judge_as_recommended, recipe_flags, recommendation

Data = Annotated[Path, typer.Option(help="The dataset's folder.")]
LayoutId = Annotated[
    str,
    typer.Option(
        "--layout",
        help="How the folder is laid out: mvtec, visa, btad, loco, mvtec_ad2, kolektor, ham10000, ddds, ucsd, avenue, "
        "subway, folder.",
    ),
]


def generate(
    name: Annotated[str, typer.Argument(help="The sample set: washer, lesion, walkway.")],
    output: Annotated[Path, typer.Option(help="A new or empty folder.")],
    seed: Annotated[int, typer.Option(min=0)] = 0,
    count: Annotated[
        int | None, typer.Option(min=1, help="Training images or clips; those to test in proportion.")
    ] = None,
) -> None:
    """Generate a sample set with exact masks: pictures in the layout mvtec, clips (walkway) in ucsd."""
    from xai_ad.data.synthetic import generate as generate_set

    generate_set(name, output, seed=seed, count=count, on_progress=terminal_progress(f"Generating {name}"))
    typer.echo(f"Wrote {output}")


def train(
    data: Data,
    layout: LayoutId,
    output: Annotated[Path, typer.Option(help="The model's own folder; its name becomes the model's id.")],
    network: Annotated[
        str | None,
        typer.Option(
            help="The architecture's id; see `networks`. Without it what is recommended is trained."
        ),
    ] = None,
    option: Annotated[list[str], typer.Option(help="An option of the network, name=value.")] = [],  # noqa: B006  # Typer copies it
    recipe: Annotated[list[str], typer.Option(help="A field of the recipe, name=value.")] = [],  # noqa: B006
    protocol: Annotated[str, typer.Option(help="held-out or thesis.")] = "held-out",
    loss: Annotated[str | None, typer.Option(help="mse, mae or compound.")] = None,
    epochs: Annotated[int | None, typer.Option(help="At most this many.")] = None,
    batch_size: int | None = None,
    max_minutes: Annotated[
        float | None, typer.Option(help="End after the epoch in which they run out.")
    ] = None,
    precision: Annotated[str | None, typer.Option(help="float32, bfloat16 or auto, the default.")] = None,
    seed: int | None = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    keep_every: Annotated[
        int | None, typer.Option(min=1, help="Also store the network after each so many epochs.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from an interrupted training.")] = False,
    skip_unreadable: Annotated[
        bool, typer.Option("--skip-unreadable", help="Leave out pictures that cannot be read, and list them.")
    ] = False,
    levels: Levels = None,
) -> None:
    """Train, calibrate and store a model on normal images.

    Without --network, the network, its recipe for so many pictures and ten minutes, and its score are what is recommended.
    """
    from xai_ad.data.layouts import Protocol
    from xai_ad.machine.execution import Precision
    from xai_ad.networks import network_options, network_spec
    from xai_ad.training.pipeline import TrainingTask, train_model
    from xai_ad.training.recipe import Device, Loss, Recipe
    from xai_ad.training.reports import EpochReport

    flags: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "max_minutes": max_minutes,
        "loss": None if loss is None else one_of(Loss, loss, "loss"),
        "precision": None if precision is None else one_of(Precision, precision, "precision"),
        "seed": seed,
    }
    trained_on = one_of(Device, device, "device")
    wanted = None
    if network is None:
        wanted = recommendation(data, layout, minutes=max_minutes)
        network = wanted.network
    flags = recipe_flags(wanted, flags)
    spec = network_spec(network)
    task = TrainingTask(
        network=spec.id,
        options=typed_fields(
            spec.config, pairs(option), valid=[*network_options(spec), "size"], of=f"the network {spec.id!r}"
        ),
        data=data,
        layout=layout,
        protocol=one_of(Protocol, protocol, "protocol"),
        recipe=recipe_of(
            flags, recipe, valid=[field.name for field in fields(Recipe)], of="the recipe", device=trained_on
        ),
        levels=white_of(levels),
        skip_unreadable=skip_unreadable,
    )

    def show(report: EpochReport) -> None:
        mark = " *" if report.is_best else ""
        detection = "" if report.detection is None else f"detection {report.detection:.4f}  "
        typer.echo(
            f"epoch {report.epoch:>4}  training {report.training_loss:.6f}  validation {report.validation_loss:.6f}  "
            f"rate {report.learning_rate:.2e}  {detection}{report.seconds:7.0f} s{mark}"
        )

    stored = train_model(
        task,
        output,
        resume=resume,
        device=trained_on,
        keep_every=keep_every,
        on_epoch=show,
    )
    if wanted is not None and loss is None:
        judge_as_recommended(stored.path, task, wanted)
    typer.echo(
        f"Wrote {stored.path} ({stored.card.training.epochs} epochs, ended by {stored.card.training.ended_by})"
    )


def finetune(
    model: Annotated[str, typer.Option(help="A model's id or folder.")],
    data: Data,
    layout: LayoutId,
    output: Annotated[Path, typer.Option(help="The model's new folder; its name becomes the id.")],
    recipe: Annotated[list[str], typer.Option(help="A field of the recipe, name=value.")] = [],  # noqa: B006  # Typer copies it
    levels: Levels = None,
) -> None:
    """Draw a model's normal embeddings together (SVDD), on its own training images, and calibrate it anew."""
    from xai_ad.store import find_model
    from xai_ad.training.svdd import SvddRecipe, SvddReport, finetune_model

    named = typed_fields(
        SvddRecipe, pairs(recipe), valid=[field.name for field in fields(SvddRecipe)], of="the recipe"
    )
    checked = SvddRecipe(**named)

    def show(report: SvddReport) -> None:
        radius = "" if report.radius is None else f"radius {report.radius:.6g}  "
        typer.echo(f"epoch {report.epoch:>4}  loss {report.loss:.6g}  {radius}{report.seconds:7.1f} s")

    stored = finetune_model(
        find_model(model), data, layout, output, checked, levels=white_of(levels), on_epoch=show
    )
    typer.echo(f"Wrote {stored.path}")


def compress(
    model: Annotated[str, typer.Option(help="A model's id or folder.")],
    data: Data,
    layout: LayoutId,
    output: Annotated[Path, typer.Option(help="The model's new folder; its name becomes the id.")],
    levels: Levels = None,
) -> None:
    """Store a model's kernels in half precision, and calibrate it anew."""
    from xai_ad.store import find_model
    from xai_ad.training.compression import compress_model

    stored = compress_model(
        find_model(model),
        data,
        layout,
        output,
        levels=white_of(levels),
        on_progress=terminal_progress("Compressing"),
    )
    typer.echo(f"Wrote {stored.path}")


def familiarise(
    model: Annotated[list[str], typer.Option(help="A model's id or folder; several of one dataset.")],
    data: Data,
    layout: LayoutId,
    levels: Levels = None,
) -> None:
    """Fit anew what tells strangers, to the images that models were trained on, and store it with them."""
    from xai_ad.store import find_model
    from xai_ad.training.familiarity import familiarise as familiarise_models

    stored = [find_model(each) for each in model]
    progress = terminal_progress("Reading")
    for written in familiarise_models(stored, data, layout, levels=white_of(levels), on_progress=progress):
        typer.echo(f"Wrote {written.path}")


COMMANDS = (generate, train, finetune, compress, familiarise)
