"""The application without a screen: what command line and app both ask for."""
