"""`python -m search_api` is `veille`."""

from search_api.interruption import leaving


def main() -> None:
    """Run `veille`. Whoever presses Ctrl-C while it is being loaded sees no traceback."""
    with leaving(last=False):
        from search_api.cli import main as run
    run()


if __name__ == "__main__":
    main()
