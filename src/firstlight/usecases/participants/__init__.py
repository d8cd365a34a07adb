"""What an organisation can do about the register of participants: enter itself, and leave."""
