"""Statistics of a release: sequential looks, strata of phases, sample ratio, confidence sequences."""
