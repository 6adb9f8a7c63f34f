"""`python -m radcompare` is the same as `radcompare`."""

from radcompare.cli import main

if __name__ == "__main__":
    main()
