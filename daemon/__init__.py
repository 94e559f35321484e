"""The process round the band: command line, configuration, session log, songs and models."""

__version__ = "0.1.0"
