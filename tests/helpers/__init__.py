"""What the tests of several rooms share: samples, a knowledge base to change, Git, a command line."""
