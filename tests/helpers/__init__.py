"""Helpers of tests in several folders: samples, a knowledge base to change, Git, the command line."""
