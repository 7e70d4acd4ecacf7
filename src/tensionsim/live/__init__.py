"""What goes on while the world does: a forecast that takes in what happens, and a side played step by step."""
