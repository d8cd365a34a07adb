"""Firstlight: voluntary review, honest measurement and a vulnerability clearinghouse for frontier AI."""
