"""What is prepared for forks stays in forks: importing `preload` would change this process."""

collect_ignore = ["preload.py"]
