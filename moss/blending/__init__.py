"""The search for masks between a track and a picture, and the sounds of its front."""
