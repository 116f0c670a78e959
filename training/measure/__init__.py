"""A judge that learns from the art alone, questions for the model, its figures, its page of prompts, its card."""
