"""Charts as inline SVG: geometry here, drawing in the templates."""
