"""What of Azure the local cloud covers, told by the code itself: done, deviating, missing.

`python -m localazure.coverage` prints it as Markdown, `--json` for programs; with the name of a file it renews the part
of that file between the two marks. What Azure has is written down here (`azure_*.py`), as are the deviations
(`deviations`); what is there is asked of the running parts.
"""

from localazure.coverage.items import Item, Status, Table
from localazure.coverage.tables import tables

__all__ = ["Item", "Status", "Table", "tables"]
