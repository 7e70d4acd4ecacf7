"""What may come: which assumptions matter, where it breaks, what to do; as time goes on, a forecast, a side played."""
