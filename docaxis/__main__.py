"""`python -m docaxis`: the command line."""

from docaxis.cli import main

if __name__ == "__main__":
    main()
