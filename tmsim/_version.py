"""The version of tmsim, in its one home: the build backend and `tmsim.__version__` read it."""

__version__ = "0.1.0"
