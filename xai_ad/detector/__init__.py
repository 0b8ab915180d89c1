"""The detector: a network, a score and its calibration, frozen, judging images and clips."""
