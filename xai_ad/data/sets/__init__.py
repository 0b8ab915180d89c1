"""What a dataset is, and how folders of pictures and clips are read and dealt out: what the layouts are made of."""
