"""The models of front matter: one module for each stage, and their parts."""
