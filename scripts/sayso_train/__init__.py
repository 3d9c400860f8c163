"""Training, evaluation and export of the model that sayso embeds."""
