"""The site as plain Markdown with finished HTML inside, which any host of static sites builds."""
