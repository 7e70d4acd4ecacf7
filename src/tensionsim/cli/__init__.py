"""The command line: `tensionsim run SCENARIO` and its neighbours."""
