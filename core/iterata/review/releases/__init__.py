"""What a pull request changes in a release."""
