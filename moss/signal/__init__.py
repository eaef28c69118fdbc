"""Waveforms, spectra and pictures as tensors: transforms, similarity, loudness."""
