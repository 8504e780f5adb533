"""How large a formula may be. What is larger is refused with the place and the reason, before anything is evaluated."""

MOST_CHARACTERS = 2_000
MOST_DEPTH = 60
MOST_STEPS = 400
MOST_ORIGINS = 8
# Bars that may be asked back at once, and that may be needed in all.
MOST_BACK = 1_000
MOST_LOOK_BACK = 20_000
# Mistakes that are named at once: who reads them mends the first ones.
MOST_PROBLEMS = 10
# In the units of ``Formula.cost``: see costs.py.
MOST_COST = 10_000
