"""The rules that `iterata check` applies: each has a code, a reason and a fix."""
