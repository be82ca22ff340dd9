"""The commands: one module each, called by its name. A new command is a new module here."""
