"""The shapes of requests and answers. A wire format is never the model."""
