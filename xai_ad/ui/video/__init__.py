"""Page Video: a clip scored, and any of its frames explained."""
