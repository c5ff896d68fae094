"""The block `rollout` of a deployment: the advice, the realised effect, and what both rest on."""
