"""How fast iterata is beside its peers, as ratios: machines differ, ratios hardly do."""
