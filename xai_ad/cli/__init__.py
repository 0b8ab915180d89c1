"""The command line, `python -m xai_ad <command>`."""
