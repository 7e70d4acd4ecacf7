"""What really happened: observed moves between governments, and what was in force before them."""
