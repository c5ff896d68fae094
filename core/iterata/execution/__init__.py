"""The only room that runs other people's code: project code, packages that a plan names, and programs."""
