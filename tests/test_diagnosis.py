"""The real check names the mistake behind an attempt's numbers, and names none where there is a doubt."""

import pytest

ADAM = '''
import torch


class Adam:
    """Written as nobody of ours writes it: state in a dict, everything in place."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.weights = [p for p in params]
        if len(self.weights) == 0:
            raise ValueError("nothing to optimise")
        if min(lr, eps, weight_decay) < 0:
            raise ValueError("negative")
        if not all(0.0 <= b < 1.0 for b in betas):
            raise ValueError("beta")
        self.hyper = lr, betas, eps, weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        lr, (b1, b2), eps, decay = self.hyper
        for w in self.weights:
            if w.grad is None:
                continue
            if w not in self.state:
                self.state[w] = dict(n=0, avg=torch.zeros_like(w), sq=torch.zeros_like(w))
            s = self.state[w]
            g = w.grad.add(w, alpha=decay)
            s["n"] += 1
            s["avg"].lerp_(g, 1 - b1)
            s["sq"].mul_(b2).addcmul_(g, g, value=1 - b2)
            root = s["sq"].div(1 - b2 ** s["n"]).sqrt().add(eps)
            w.addcdiv_(s["avg"], root, value=-lr / (1 - b1 ** s["n"]))

    def zero_grad(self):
        for w in self.weights:
            if w.grad is not None:
                w.grad = torch.zeros_like(w.grad)
'''

ADAM_MISTAKES = {
    "epsilon_inside_root": (".sqrt().add(eps)", ".add(eps).sqrt()"),
    "epsilon_never_used": (".sqrt().add(eps)", ".sqrt()"),
    "root_forgotten": (".sqrt().add(eps)", ".add(eps)"),
    "betas_swapped": ("lr, (b1, b2), eps", "lr, (b2, b1), eps"),
    "second_moment_not_corrected": (".div(1 - b2 ** s['n'])", ""),
    "decoupled_decay": (
        "g = w.grad.add(w, alpha=decay)",
        "g = w.grad\n            w.mul_(1 - lr * decay)",
    ),
    "decay_changes_gradients": ("g = w.grad.add(", "g = w.grad.add_("),
    "zero_grad_without_effect": ("w.grad = torch.zeros_like(w.grad)", "torch.zeros_like(w.grad)"),
    "beta_of_one_accepted": ("0.0 <= b < 1.0", "0.0 <= b <= 1.0"),
}

SOFTMAX = """
import torch


def softmax(logits):
    top, _ = torch.max(logits, -1, keepdim=True)
    e = torch.exp(logits - top)
    return torch.div(e, torch.sum(e, -1, keepdim=True))


def check(targets, classes):
    if bool(((targets < 0) | (targets >= classes)).any()):
        raise ValueError(f"a target outside 0 to {classes - 1}")


def log_p(logits):
    return logits - torch.logsumexp(logits, -1, keepdim=True)


def cross_entropy(logits, targets):
    check(targets, logits.shape[1])
    rows = torch.arange(logits.shape[0], device=logits.device)
    return -log_p(logits)[rows, targets].mean()


def cross_entropy_grad(logits, targets):
    check(targets, logits.shape[1])
    right = torch.nn.functional.one_hot(targets, logits.shape[1]).to(logits.dtype)
    return (softmax(logits) - right) / logits.shape[0]


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    a = X.mm(W1) + b1
    h = torch.relu(a)
    z = torch.addmm(b2, h, W2)
    up = cross_entropy_grad(z, y)
    down = up.mm(W2.t()) * (a > 0).to(up.dtype)
    grads = dict(W1=X.t().mm(down), b1=down.sum(0), W2=h.t().mm(up), b2=up.sum(0))
    return cross_entropy(z, y), grads
"""

SOFTMAX_MISTAKES = {
    "no_shift": ("torch.exp(logits - top)", "torch.exp(logits)"),
    "gradient_of_the_sum": (
        "(softmax(logits) - right) / logits.shape[0]",
        "softmax(logits) - right",
    ),
    "target_minus_probability": ("softmax(logits) - right", "right - softmax(logits)"),
    "no_relu_on_the_way_back": ("up.mm(W2.t()) * (a > 0).to(up.dtype)", "up.mm(W2.t())"),
    "relu_slope_one_at_zero": ("(a > 0)", "(a >= 0)"),
    "one_hot_on_the_cpu": (
        "torch.nn.functional.one_hot(targets, logits.shape[1]).to(logits.dtype)",
        "torch.eye(logits.shape[1], dtype=logits.dtype)[targets.tolist()]",
    ),
}


def diagnosed(kata, slug, text):
    return [one["mistake"] for one in kata.grade(slug, text).json["diagnosis"]]


def with_mistakes(text, mistakes, *names):
    for name in names:
        old, new = mistakes[name]
        old = old.replace("'", '"') if old not in text else old
        assert text.count(old) == 1, name
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("slug, text", [("adam", ADAM), ("softmax-ce", SOFTMAX)])
def test_without_a_mistake_the_style_of_these_attempts_passes(kata, slug, text):
    run = kata.grade(slug, text)
    assert (run.code, run.json["outcome"], run.json["diagnosis"]) == (0, "passed", [])


@pytest.mark.parametrize("name", ADAM_MISTAKES)
def test_one_mistake_of_adam_is_named_in_another_style(kata, name):
    assert diagnosed(kata, "adam", with_mistakes(ADAM, ADAM_MISTAKES, name)) == [name]


@pytest.mark.parametrize("name", SOFTMAX_MISTAKES)
def test_one_mistake_of_softmax_is_named_in_another_style(kata, name):
    assert diagnosed(kata, "softmax-ce", with_mistakes(SOFTMAX, SOFTMAX_MISTAKES, name)) == [name]


PAIRS = [
    ("adam", "epsilon_inside_root", "decay_changes_gradients"),
    ("adam", "zero_grad_without_effect", "beta_of_one_accepted"),
    ("softmax-ce", "one_hot_on_the_cpu", "relu_slope_one_at_zero"),
]
BASES = {"adam": (ADAM, ADAM_MISTAKES), "softmax-ce": (SOFTMAX, SOFTMAX_MISTAKES)}


@pytest.mark.parametrize("slug, one, other", PAIRS)
def test_two_separate_mistakes_are_both_named(kata, slug, one, other):
    assert set(diagnosed(kata, slug, with_mistakes(*BASES[slug], one, other))) == {one, other}


UNKNOWN = {
    "half the step": ("adam", ("value=-lr /", "value=-0.5 * lr /")),
    "the cube": ("adam", ("addcmul_(g, g,", "addcmul_(g, g * g,")),
    "one weight is forgotten": (
        "adam",
        (
            "for w in self.weights:\n            if w.grad is None",
            "for w in self.weights[1:]:\n            if w.grad is None",
        ),
    ),
    "a tensor that grows with every step": (
        "adam",
        (
            "            s['n'] += 1",
            "            s['n'] += 1\n            s['all'] = torch.cat([s.get('all', g), g])",
        ),
    ),
    "everything returns zeros": ("softmax-ce", ("return torch.div(e,", "return 0 * torch.div(e,")),
    "a loss in base two": (
        "softmax-ce",
        ("[rows, targets].mean()", "[rows, targets].mean() / 0.6931"),
    ),
    "an exception of its own": (
        "softmax-ce",
        ("a = X.mm(W1)", "raise KeyError('W3')\n    a = X.mm(W1)"),
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_mistake_that_nobody_wrote_down_is_given_no_name(kata, name):
    slug, (old, new) = UNKNOWN[name]
    text = with_mistakes(BASES[slug][0], {name: (old, new)}, name)
    run = kata.grade(slug, text)
    assert (run.code, run.json["outcome"], run.json["diagnosis"]) == (1, "failed", [])
    assert run.json["questions"]


def test_a_known_and_an_unknown_mistake_together_are_given_no_wrong_name(kata):
    text = with_mistakes(*BASES["adam"], "epsilon_inside_root").replace(
        "value=-lr /", "value=-2 * lr /"
    )
    assert diagnosed(kata, "adam", text) == []


def test_an_unwritten_part_is_no_mistake_and_hides_none(kata):
    start = SOFTMAX.index("def mlp_loss_and_grads")
    text = SOFTMAX[:start] + "def mlp_loss_and_grads(*args):\n    raise NotImplementedError\n"
    text = with_mistakes(text, SOFTMAX_MISTAKES, "no_shift")
    assert diagnosed(kata, "softmax-ce", text) == ["no_shift"]


def test_the_questions_of_the_named_mistake_come_first(kata):
    run = kata.grade("adam", with_mistakes(*BASES["adam"], "epsilon_inside_root"))
    (mistake,) = run.json["diagnosis"]
    assert mistake["title"] == "Epsilon inside the square root"
    assert mistake["questions"] == ["adam-epsilon"]
    assert run.json["questions"][0] == "adam-epsilon"
