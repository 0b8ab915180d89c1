"""Who hears what was decided for a person in reading a dataset."""

import logging

NOTES = logging.getLogger("xai_ad.notes")
"""Every note of every dataset that is read, a line each; the command line prints them."""
