"""`python -m straits`: the same as the console script."""

from straits.cli.app import main

if __name__ == "__main__":
    main()
