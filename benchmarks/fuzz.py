"""Feed mutated documents to everything that reads them, until something breaks: `python -m benchmarks.fuzz`.

    pip install atheris                            # Linux only; the tests do not need it
    python -m benchmarks.fuzz -max_total_time=300  # or any other option of libFuzzer
    python -m benchmarks.fuzz crash-...            # repeat a failing input

Only failing inputs are kept. Seeds are the documents and results of the example.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["iterata", "iterata_cli", "frontmatter", "yaml"]):
    from benchmarks.fuzzed import Target

OPTIONS = ("-max_len=30000", "-timeout=20", "-rss_limit_mb=2048")


def main() -> None:
    """Run until something breaks, or the time is over."""
    target, arguments = Target(), sys.argv[1:]
    with TemporaryDirectory(prefix="iterata-fuzz-") as corpus:
        for number, seed in enumerate(target.seeds()):
            Path(corpus, str(number)).write_bytes(seed)
        corpora = [] if any(not option.startswith("-") for option in arguments) else [corpus]
        atheris.Setup([sys.argv[0], *OPTIONS, *arguments, *corpora], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
