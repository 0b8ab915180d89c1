"""Page Inspect: one image, its verdict and its explanations."""
