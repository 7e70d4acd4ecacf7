"""The science: equations on arrays, NumPy alone."""
