"""The live spectrogram."""
