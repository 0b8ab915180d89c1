"""Pictures, dataset layouts, splits and generated sets."""
