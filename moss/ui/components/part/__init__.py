"""The part of a track, chosen on its waveform."""
