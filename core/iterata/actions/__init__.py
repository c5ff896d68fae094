"""What the commands do: compute, keep the result file, and show it on the page."""
