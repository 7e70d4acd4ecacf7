"""The words of the model as arrays: channels, menus, arrangements, settings, state."""
