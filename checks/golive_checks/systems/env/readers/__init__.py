"""Env files as each program that reads them does, a module for each. All pure: nothing is run or looked up."""
