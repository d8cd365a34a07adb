"""What is sent to whom this week: at the pace that each maintainer chose, and explained."""
