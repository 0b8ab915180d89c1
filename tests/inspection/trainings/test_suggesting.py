"""A model of pictures that nobody named is called after them, and like no other."""

from xai_ad.inspection.trainings import jobs
from xai_ad.inspection.trainings.suggesting import free_name
from xai_ad.machine.places import home


def test_a_title_becomes_a_name_that_every_system_takes():
    assert free_name("Schrauben, größer (neu)") == "schrauben-groer-neu"
    assert free_name("部品") == "my-parts"
    assert free_name("../../etc") == "etc"
    assert len(free_name("a" * 300)) <= 80


def test_a_name_of_a_model_or_of_a_training_is_passed_over(no_runner, order):
    assert free_name("washer-bcae1") == "washer-bcae1-2"
    jobs.submit(order(name="my-part"))
    assert free_name("My part") == "my-part-2"


def test_a_name_whose_fine_tuned_model_would_have_a_taken_one_is_passed_over(no_runner, order):
    jobs.submit(order(name="my-part-svdd"))
    assert free_name("my part") == "my-part-2"


def test_a_name_whose_fine_tuned_model_is_there_already_is_passed_over():
    (home() / "models" / "bolts-svdd").mkdir(parents=True)
    assert free_name("bolts") == "bolts-2"
