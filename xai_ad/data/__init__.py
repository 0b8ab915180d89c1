"""Images, dataset layouts, splits and generated sets."""
