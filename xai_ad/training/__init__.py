"""Turning normal images into a calibrated, stored model."""
