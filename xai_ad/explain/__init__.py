"""Explainers: one module a method, and their registry."""
