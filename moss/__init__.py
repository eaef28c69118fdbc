"""MOSS, Multi-Objective Spectral Synthesis: sounds between a track and a picture."""

__version__ = "0.1.0"
