"""`python -m runner.dashboard.serve FLAGS`: Streamlit with our app, which begins to warm up before anybody comes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from streamlit.web import cli

from runner.dashboard.warm import warm_up

APP: Final = Path(__file__).with_name("app.py")


def main() -> None:
    """Serve until interrupted."""
    warm_up()
    sys.argv = ["streamlit", "run", str(APP), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
