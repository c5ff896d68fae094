"""The pages of explorations: images, notebooks and exports, shown without executing anything."""
