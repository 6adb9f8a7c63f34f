"""The command line: every command parses, calls one function, and presents what came back."""


def main() -> None:
    """Run the program."""
