"""What the pages show in the browser beyond Streamlit's own: a folder for each component."""
