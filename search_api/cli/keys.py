"""`veille keys`: who may ask a server that others can reach."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from search_api.cli.options import print_lines
from search_api.terminal import plain

keys = typer.Typer(
    name="keys", help="Make, list and revoke the API keys of a server.", no_args_is_help=True, rich_markup_mode=None
)
KeysOption = Annotated[
    Path | None,
    typer.Option(
        "--keys", metavar="FILE", envvar="VEILLE_KEYS", help="File of the keys. Default: one in your configuration."
    ),
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is.")]


@keys.command()
def create(name: NameArgument, file: KeysOption = None) -> None:
    """Make a key and print it. It is not kept: what is lost has to be made anew.

    Example: veille keys create newsroom
    """
    from search_api.service.keys import create_key

    print(create_key(_file(file), name))


@keys.command(name="list")
def list_(file: KeysOption = None) -> None:
    """Print whose keys there are, and since when.

    Example: veille keys list
    """
    from search_api.service.keys import read_keys

    print_lines(plain(f"{key.created} {key.name}") for key in read_keys(_file(file)))


@keys.command()
def revoke(name: NameArgument, file: KeysOption = None) -> None:
    """Take a key away; a running server refuses it within a second.

    Example: veille keys revoke newsroom
    """
    from search_api.service.keys import revoke_key

    revoke_key(_file(file), name)


def _file(given: Path | None) -> Path:
    from search_api.settings import default_keys

    return given or default_keys()
