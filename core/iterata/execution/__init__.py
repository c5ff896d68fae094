"""The only room that runs other people's code: project code and subprocesses."""
