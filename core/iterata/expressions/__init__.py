"""The safe expression language of rules: parsed and evaluated here, never executed by Python."""
