"""The command `veille`, one file a command. What one needs is imported inside it: `veille --help` answers at once."""

from __future__ import annotations

import os
import sys

import typer

from corpus.errors import VeilleError
from search_api.cli.cache import cache
from search_api.cli.coverage import coverage
from search_api.cli.evaluate import evaluate
from search_api.cli.generations import generations
from search_api.cli.index import index
from search_api.cli.info import info
from search_api.cli.keys import keys
from search_api.cli.remove import remove
from search_api.cli.rollback import rollback
from search_api.cli.search import search
from search_api.cli.serve import serve
from search_api.cli.verify import verify
from search_api.cli.watch import watch
from search_api.terminal import make_printable, plain

USER_ERROR = 2
# In the order that the help has.
COMMANDS = (index, watch, search, coverage, serve, evaluate, info, verify, generations, rollback, remove)
GROUPS = (cache, keys)


def main() -> None:
    """Run `veille`: 0 for success, 2 for what the user can mend, 130 where interrupted."""
    make_printable()
    try:
        try:
            _app()(prog_name="veille")
        finally:
            # Where the reader of a pipe is gone this raises here, not while Python shuts down.
            sys.stdout.flush()
    except VeilleError as error:
        print(f"veille: {plain(str(error))}", file=sys.stderr)
        sys.exit(USER_ERROR)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _app() -> typer.Typer:
    app = typer.Typer(
        name="veille",
        help="Semantic search over multilingual tech news.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in COMMANDS:
        app.command()(command)
    for group in GROUPS:
        app.add_typer(group)
    return app
