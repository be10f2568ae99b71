"""What is read by those who compete: invented, and the same in every run."""
