"""What planted bugs are graded with besides: choices that train in no time and suffice at smoke."""

# %% F3-answer
choices = {"hidden": [32], "optimiser": "momentum", "lr": 0.1, "batch_size": 50, "epochs": 3}
