"""What can be done with accounts: organisations, people, sign-in links and API tokens."""
