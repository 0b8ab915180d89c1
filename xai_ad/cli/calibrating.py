"""Where a model's limit lies: `calibrate`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from xai_ad.cli.parsing import Levels, one_of, terminal_progress, white_of


def calibrate(
    model: Annotated[str, typer.Option(help="A model's id or folder.")],
    data: Annotated[
        Path | None, typer.Option(help="The dataset's folder; not of a limit that a person sets.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option("--layout", help="How the folder is laid out, as `train` takes it.")
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="held-out, thesis, normal-quantile, clip-quantile or manual.")
    ] = "held-out",
    quantile: Annotated[
        float | None, typer.Option(help="The share of normal images, or of normal clips, to pass.")
    ] = None,
    score: Annotated[
        str | None,
        typer.Option(help="squared_error, absolute_error, compound, ssim or worst_patch; else as now."),
    ] = None,
    beside: Annotated[
        bool, typer.Option("--beside", help="Store it in the model's own folder, and leave the active one.")
    ] = False,
    threshold: Annotated[
        float | None, typer.Option(help="With --protocol manual: the limit, a raw score.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="With --protocol manual: why.")] = None,
    by: Annotated[str | None, typer.Option(help="With --protocol manual: who.")] = None,
    restore: Annotated[
        str | None, typer.Option(help="Make this stored calibration, an id, the active one again.")
    ] = None,
    levels: Levels = None,
) -> None:
    """Give a model a new threshold, and make it the active one; older ones are kept, and --restore brings them back."""
    from xai_ad.store import CalibrationProtocol

    manual = {"--threshold": threshold, "--reason": reason, "--by": by}
    measured = {"--data": data, "--layout": layout, "--quantile": quantile, "--score": score}
    measured |= {"--beside": beside or None, "--levels": levels}
    chosen = one_of(CalibrationProtocol, protocol, "protocol")
    if restore is not None:
        _left_out(manual | measured, "--restore")
        _restored(model, restore)
    elif chosen is CalibrationProtocol.MANUAL:
        _left_out(measured, "--protocol manual")
        _set(model, **{flag.strip("-"): _needed(value, flag) for flag, value in manual.items()})
    else:
        _left_out(manual, f"--protocol {protocol}")
        _measured(
            model,
            _needed(data, "--data"),
            _needed(layout, "--layout"),
            protocol=chosen,
            quantile=quantile,
            score=score,
            beside=beside,
            levels=levels,
        )


def _restored(model: str, calibration: str) -> None:
    from xai_ad.inspection.limits import restore_limit

    record = restore_limit(model, calibration)
    typer.echo(f"{record.id}: threshold {record.calibration.threshold:.6g}, active again")


def _set(model: str, *, threshold: float, reason: str, by: str) -> None:
    from xai_ad.inspection.limits import limits_of, set_limit

    record = set_limit(model, threshold, reason=reason, by=by)
    limit = next(one for one in limits_of(model) if one.is_active)
    shares = [
        f"{100 * share:.3g} % of {count} {kind}"
        for share, count, kind in (
            (limit.false_alarms, limit.normals, "normal images"),
            (limit.caught, limit.anomalies, "anomalous ones"),
        )
        if share is not None
    ]
    above = f", above it {' and '.join(shares)} that it was calibrated on" if shares else ""
    typer.echo(f"{record.id}: threshold {record.calibration.threshold:.6g}, set by {record.by}{above}")


def _measured(
    model: str, data: Path, layout: str, *, score: str | None, levels: str | None, **how: Any
) -> None:
    from xai_ad.detector.scores import Score
    from xai_ad.inspection.calibrating import recalibrate

    record = recalibrate(
        model,
        data,
        layout,
        score=None if score is None else one_of(Score, score, "score"),
        levels=white_of(levels),
        on_progress=terminal_progress("Scoring"),
        on_note=lambda note: typer.echo(note, err=True),
        **how,
    )
    placed = record.calibration
    typer.echo(
        f"{record.id}: threshold {placed.threshold:.6g}, score_max {placed.score_max:.6g}, "
        f"from {len(record.images)} images"
    )


def _needed(value: Any, flag: str) -> Any:
    if value is None:
        raise typer.BadParameter("It is needed here.", param_hint=flag)
    return value


def _left_out(flags: dict[str, Any], with_flag: str) -> None:
    """Refuse the flags that have no meaning beside another one."""
    for flag, value in flags.items():
        if value is not None:
            raise typer.BadParameter(f"It has no meaning with {with_flag}. Leave it out.", param_hint=flag)


COMMANDS = (calibrate,)
