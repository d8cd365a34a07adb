"""What people can ask of each other about defensive tools (Executive Order 14409, 2(c)(iii))."""
