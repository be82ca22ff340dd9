"""What the commands show: a picture of a run, tables, a progress bar."""
