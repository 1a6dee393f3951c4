"""`python -m golive` is golive."""

from golive.cli.main import main

main()
