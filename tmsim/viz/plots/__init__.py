"""The plots, a file each. They need matplotlib (`pip install "tmsim[viz]"`) when they draw."""
