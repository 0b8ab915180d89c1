"""Frames of clips: decoded one after another, cut into windows, labelled as the sets' publishers label them."""
