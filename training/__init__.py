"""How the adapter of the bundled encoder is made. Imported by none of the rooms that index and answer."""
