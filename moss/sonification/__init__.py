"""Pictures, slideshows, videos and arrays become sound directly."""
