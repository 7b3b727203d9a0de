"""The one error of this package."""


class FormatError(ValueError):
    """A format string that .NET refuses (its `FormatException`), or a result beyond the range of its types."""
