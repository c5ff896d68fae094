"""Figures of a result file that contradict each other, the plan, the assessment or the sample.

Plain arithmetic on the parsed file: nothing is read, nothing is run, and no numpy is loaded. What cannot be
derived from other figures, `iterata verify` computes again.
"""
