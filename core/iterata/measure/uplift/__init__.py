"""Treatment effects from a campaign that chance decided: gains, their curve, bounds of perfect, balance."""
