"""Accounts: people, organisations, passkeys, one-time links, API tokens, rate limits (Django)."""
