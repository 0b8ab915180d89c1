import numpy as np
import pytest
import torch

from xai_ad.detector.losses import dissimilarity_values
from xai_ad.detector.scores import SCORES, Score, Scoring
from xai_ad.errors import InvalidInputError, UnknownNameError


@pytest.fixture
def batch():
    """Two images and their reconstructions, (2, 3, 30, 26) float64; the second is rebuilt worse."""
    generator = torch.Generator().manual_seed(5)
    images = torch.rand(2, 3, 30, 26, dtype=torch.float64, generator=generator)
    noise = torch.randn(images.shape, dtype=torch.float64, generator=generator)
    return images, (images + noise * torch.tensor([0.02, 0.2])[:, None, None, None]).clamp(0, 1)


EVERY = [*(Scoring(score=score) for score in Score), Scoring(score=Score.COMPOUND, eta=0.2, window=7)]


@pytest.mark.parametrize("scoring", EVERY, ids=str)
def test_the_shares_of_an_image_sum_to_its_score(scoring, batch):
    shares = scoring.shares(*batch)
    assert shares.shape == batch[0].shape
    scores = scoring.reduce(scoring.map(*batch))
    assert torch.allclose(shares.sum(dim=(1, 2, 3)), scores, rtol=1e-12)
    assert scores[1] > scores[0] > 0


@pytest.mark.parametrize("scoring", EVERY, ids=str)
def test_a_score_is_differentiable(scoring, batch):
    images, made = batch[0][:1], batch[1][:1].clone().requires_grad_()
    (gradient,) = torch.autograd.grad(scoring.reduce(scoring.map(images, made)).sum(), made)
    assert torch.isfinite(gradient).all()
    step = 1e-7 * gradient / gradient.norm()
    ahead, behind = (float(scoring.reduce(scoring.map(images, made.detach() + s * step))) for s in (1, -1))
    assert (ahead - behind) / 2e-7 == pytest.approx(float(gradient.norm()), rel=1e-4)


@pytest.mark.parametrize("scoring", EVERY, ids=str)
def test_scores_that_may_write_over_the_reconstructions_are_the_maps_to_the_bit(scoring, batch):
    images, before = batch[0].clone(), scoring.reduce(scoring.map(*batch))
    assert torch.equal(scoring.scores(*batch), before)
    assert torch.equal(batch[0], images)


def test_the_absolute_error_score_is_the_mean_absolute_error(batch):
    scoring = Scoring(score=Score.ABSOLUTE_ERROR)
    expected = [np.abs(x - y).mean() for x, y in zip(*(part.numpy() for part in batch), strict=True)]
    assert scoring.reduce(scoring.map(*batch)).tolist() == pytest.approx(expected, rel=1e-12)


def test_the_ssim_score_is_the_mean_of_the_highest_hundredth(batch):
    scoring = Scoring(score=Score.SSIM)
    maps = scoring.map(*batch).numpy()
    assert maps.shape == (2, 30, 26)
    expected = [np.sort(one.ravel())[::-1][:8].mean() for one in maps]  # 1 % of 780, rounded up
    assert scoring.reduce(torch.from_numpy(maps)).tolist() == pytest.approx(expected)
    assert np.allclose(maps, dissimilarity_values(*batch, full=True).mean(dim=1))


@pytest.mark.parametrize(
    ("height", "width", "patch"), [(30, 26, (3, 2)), (128, 128, (12, 12)), (9, 4, (1, 1))]
)
def test_the_worst_patch_is_the_highest_mean_absolute_error_over_any_patch(height, width, patch):
    """Every place tried one by one; the shares are the patch's errors, and nothing outside it has any."""
    images, made = torch.rand(
        2, 2, 3, height, width, dtype=torch.float64, generator=torch.Generator().manual_seed(2)
    )
    scoring, errors = Scoring(score=Score.WORST_PATCH), (images - made).abs().numpy()
    shares = scoring.shares(images, made)
    rows, columns = patch
    for one, score, share in zip(
        errors, scoring.reduce(scoring.map(images, made)).tolist(), shares, strict=True
    ):
        means = {
            (top, left): one[:, top : top + rows, left : left + columns].mean()
            for top in range(height - rows + 1)
            for left in range(width - columns + 1)
        }
        top, left = max(means, key=means.get)
        assert score == pytest.approx(means[top, left], rel=1e-9)
        inside = share[:, top : top + rows, left : left + columns].numpy()
        assert inside == pytest.approx(one[:, top : top + rows, left : left + columns] / (3 * rows * columns))
        assert float(share.sum()) == pytest.approx(float(inside.sum()), rel=1e-12)


@pytest.mark.parametrize("score", [Score.COMPOUND, Score.SSIM])
def test_a_score_stays_differentiable_after_it_was_used_without_gradients(score):
    images = torch.rand(1, 3, 23, 19, generator=torch.Generator().manual_seed(int(score == Score.SSIM)))
    scoring = Scoring(score=score, window=5 if score is Score.SSIM else 7)
    with torch.inference_mode():
        scoring.map(images, images * 0.9)
    made = (images * 0.9).requires_grad_()
    scoring.reduce(scoring.map(images, made)).sum().backward()
    assert made.grad.abs().sum() > 0


@pytest.mark.parametrize("score", [Score.COMPOUND, Score.SSIM])
def test_a_window_that_does_not_fit_is_refused(score):
    images = torch.rand(1, 3, 16, 9)
    with pytest.raises(InvalidInputError, match="window of 11 pixels does not fit into images of 16x9"):
        Scoring(score=score).map(images, images)


def test_only_maps_whose_mean_is_the_score_add_up():
    assert [score for score in Score if not Scoring(score=score).adds_up] == [Score.SSIM, Score.WORST_PATCH]


def test_the_compound_map_counts_nothing_but_squared_error_beside_the_window(batch):
    values = Scoring(score=Score.COMPOUND, eta=0.0).values(*batch)
    assert float(values[..., :5, :].abs().max()) == 0
    assert float(values[..., 5:-5, 5:-5].min()) > 0


@pytest.mark.parametrize(
    ("fields", "quoted"),
    [
        ({"eta": 1.5}, "1.5"),
        ({"eta": float("nan")}, "nan"),
        ({"window": 10}, "10"),
        ({"window": 1}, "Got 1."),
    ],
)
def test_a_parameter_out_of_range_is_quoted(fields, quoted):
    with pytest.raises(InvalidInputError, match=quoted):
        Scoring(**fields)


@pytest.mark.parametrize("scoring", EVERY, ids=str)
def test_leading_dimensions_are_kept(scoring, batch):
    windows = [torch.stack([part, part.flip(0)]) for part in batch]  # (2, 2, 3, 30, 26)
    expected = scoring.reduce(scoring.map(*batch))
    found = scoring.reduce(scoring.map(*windows))
    assert torch.allclose(found, torch.stack([expected, expected.flip(0)]), rtol=1e-12)
    assert torch.allclose(scoring.shares(*windows)[1, 1], scoring.shares(*batch)[0], rtol=1e-12)
    assert float(scoring.reduce(scoring.map(batch[0][0], batch[1][0]))) == pytest.approx(float(expected[0]))


def test_an_unknown_score_is_refused_and_a_known_ones_name_is_it(batch):
    with pytest.raises(UnknownNameError, match=r"no score 'mse'\. Choose one of: absolute_error, compound, "):
        Scoring(score="mse")
    for score in Score:
        assert torch.equal(Scoring(score=str(score)).values(*batch), Scoring(score=score).values(*batch))


def test_every_score_is_declared():
    assert set(SCORES) == set(Score)
