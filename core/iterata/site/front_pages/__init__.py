"""What the first screen of each page says: the board, projects and iterations."""
