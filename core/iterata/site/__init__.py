"""The pages of a knowledge base as HTML, for any host: what each page contains, its charts and its style."""
