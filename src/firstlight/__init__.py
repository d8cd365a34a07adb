"""Firstlight: review, measurement and a vulnerability clearinghouse for frontier AI."""
