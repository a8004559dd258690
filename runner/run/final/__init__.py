"""Final models: winners fitted once more on all history, what they need to forecast on their own, and what they say."""
