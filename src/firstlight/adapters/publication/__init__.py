"""The public zone: a folder of signed files that holds no secret and can be rebuilt."""
