"""What people do with sealed documents."""
