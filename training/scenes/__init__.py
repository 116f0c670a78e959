"""Pictures with captions, composed from the art: scenes by lot, their places, paint and words."""
