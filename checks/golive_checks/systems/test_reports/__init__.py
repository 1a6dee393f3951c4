"""Results of test runs: JUnit, Playwright."""
