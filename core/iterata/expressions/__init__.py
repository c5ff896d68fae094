"""The safe language of rules: parsed and evaluated, never executed."""
