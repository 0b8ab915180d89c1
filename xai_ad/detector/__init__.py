"""The detector: a network, a score and its calibration, frozen, judging pictures and clips."""
