"""Writes verify/shapes.json anew from the answers of the local cloud; run it by its path."""

from __future__ import annotations

import json
import time

from probe_site import make_site

from localazure.testing import mock_azure
from verify import shapes
from verify.patience import Patience


def main() -> None:
    with mock_azure() as azure:
        site = make_site(azure, azure.create_group(), Patience(time.monotonic, time.sleep, pause=0.1))
        found = {id_: shapes.shape_of(ask(site)) for id_, (_, ask, _) in shapes.ASKED.items()}
    shapes.FILE.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
