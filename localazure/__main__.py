"""`python -m localazure` is the command `localazure`."""

from localazure.cli import main

main()
