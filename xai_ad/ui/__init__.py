"""The web application: the only package that imports streamlit."""
