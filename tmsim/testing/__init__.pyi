from tmsim.testing.drawn_programs import program_rows as program_rows
from tmsim.testing.drawn_programs import programs as programs
from tmsim.testing.laws import LawBroken as LawBroken
from tmsim.testing.laws import check as check
from tmsim.testing.laws import fold as check_fold
from tmsim.testing.laws import hypotheses as check_hypotheses
from tmsim.testing.laws import lemmas as check_lemmas
from tmsim.testing.laws import outcomes as check_outcomes
from tmsim.testing.laws import readings_agree as check_readings_agree
from tmsim.testing.laws import renaming as check_renaming
from tmsim.testing.laws import rules_agree as check_rules_agree
from tmsim.testing.laws import size as check_size
from tmsim.testing.laws import theorem as check_theorem
from tmsim.testing.laws import transformations as check_transformations
from tmsim.testing.other_models import counter_machines as counter_machines
from tmsim.testing.other_models import lag_systems as lag_systems
from tmsim.testing.other_models import least_squares_learners as least_squares_learners
from tmsim.testing.other_models import logistic_learners as logistic_learners
from tmsim.testing.other_models import multi_queue_machines as multi_queue_machines
from tmsim.testing.other_models import ngram_learners as ngram_learners
from tmsim.testing.other_models import perceptrons as perceptrons
from tmsim.testing.other_models import post_turing_machines as post_turing_machines
from tmsim.testing.other_models import probabilistic_machines as probabilistic_machines
from tmsim.testing.other_models import queue_machines as queue_machines
from tmsim.testing.other_models import subleq_machines as subleq_machines
from tmsim.testing.stepped import stepping as stepping
from tmsim.testing.strategies import configurations as configurations
from tmsim.testing.strategies import halting_machines as halting_machines
from tmsim.testing.strategies import tapes as tapes
from tmsim.testing.strategies import turing_machines as turing_machines
from tmsim.testing.strategies import walkers as walkers

__all__ = [
    "LawBroken", "check", "check_fold", "check_hypotheses", "check_lemmas", "check_outcomes",
    "check_readings_agree", "check_renaming", "check_rules_agree", "check_size", "check_theorem",
    "check_transformations", "configurations", "counter_machines", "halting_machines",
    "lag_systems", "least_squares_learners", "logistic_learners", "multi_queue_machines",
    "ngram_learners", "perceptrons", "post_turing_machines", "probabilistic_machines",
    "program_rows", "programs", "queue_machines", "stepping", "subleq_machines", "tapes",
    "turing_machines", "walkers",
]  # fmt: skip
