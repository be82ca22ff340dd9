"""``python -m tmsim_verify cert.json …``: 0 where every certificate holds, 1 where one does not."""

from __future__ import annotations

import sys

from tmsim_verify import Refused, verify


def main(paths: list[str]) -> int:
    """Check the files, one line each."""
    if not paths:
        print("usage: python -m tmsim_verify cert.json …", file=sys.stderr)
        return 2
    status = 0
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                exact = verify(file.read())
            print(f"{path}: holds; nothing is rounded in {', '.join(exact) or 'no format'}")
        except (OSError, UnicodeDecodeError, Refused) as error:
            print(f"{path}: refused: {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
