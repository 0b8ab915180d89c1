"""`python -m xai_ad <command>`."""

from xai_ad.cli import main

if __name__ == "__main__":
    main()
