"""The MkDocs plugin of iterata: a repository of iterations as a site."""
