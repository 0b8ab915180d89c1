"""Trainings that run by themselves: `trainings`."""

from typing import Annotated

import typer

from xai_ad.cli.catalogue import JsonFile


def trainings(
    pause: Annotated[str | None, typer.Option(metavar="ID", help="Let this training rest.")] = None,
    stop: Annotated[str | None, typer.Option(metavar="ID", help="End this training for now.")] = None,
    resume: Annotated[
        str | None, typer.Option(metavar="ID", help="Put this training at the queue's end again.")
    ] = None,
    json: JsonFile = None,
) -> None:
    """List the trainings that page Train was asked for, the newest first, and where each stands; go on with what waits."""
    from xai_ad.inspection.trainings import jobs as training_jobs
    from xai_ad.inspection.trainings.jobs import ensure_runner, list_jobs
    from xai_ad.inspection.trainings.saying import state_words
    from xai_ad.presentation.report import write_json

    asked = (
        (training_jobs.pause, pause),
        (training_jobs.stop, stop),
        (training_jobs.resume, resume),
    )
    for do, job_id in asked:
        if job_id is not None:
            do(job_id)
    ensure_runner()
    jobs = list_jobs()
    for job in jobs:
        typer.echo(f"{job.id:<40} {job.state:<12} {job.fraction:4.0%}  {state_words(job)}")
    if json:
        rows = [
            {
                "id": job.id,
                "name": job.order.name,
                "state": str(job.state),
                "position": job.position,
                "stage": None if job.stage is None else str(job.stage),
                "epochs": len(job.epochs),
                "fraction": job.fraction,
                "seconds_left": job.seconds_left,
                "model": job.model,
                "error": job.error,
                "created": job.created.isoformat(timespec="seconds"),
            }
            for job in jobs
        ]
        write_json(json, rows)


COMMANDS = (trainings,)
