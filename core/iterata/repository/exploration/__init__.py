"""The exploration beside documents: images, notebooks and exports, which decide nothing."""
